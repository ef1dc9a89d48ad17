// Lines that come and go: the kill feed, chat and the announcement in the middle.

import { type ChatEntry, type FeedLine, freshKey, hud } from './state';

const feedMs = 6000;
const chatMs = 12000;
const announceMs = 2200;
const feedMax = 5;
const chatMax = 50;

export function feedKill(line: Omit<FeedLine, 'key' | 'until'>): void {
  const entry = { ...line, key: freshKey(), until: performance.now() + feedMs };
  hud.feed.value = [...hud.feed.peek(), entry].slice(-feedMax);
}

export function addChat(line: Omit<ChatEntry, 'key' | 'until'>): void {
  const entry = { ...line, key: freshKey(), until: performance.now() + chatMs };
  hud.chat.value = [...hud.chat.peek(), entry].slice(-chatMax);
}

let announceTimer = 0;

export function announce(text: string): void {
  hud.announce.value = text;
  clearTimeout(announceTimer);
  announceTimer = window.setTimeout(() => {
    hud.announce.value = '';
  }, announceMs);
}
