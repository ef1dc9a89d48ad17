// Small pictures for the page: outlines from Lucide, silhouettes from the game itself.

import activity from 'lucide-static/icons/activity.svg?outline';
import check from 'lucide-static/icons/check.svg?outline';
import chevronLeft from 'lucide-static/icons/chevron-left.svg?outline';
import chevronRight from 'lucide-static/icons/chevron-right.svg?outline';
import copy from 'lucide-static/icons/copy.svg?outline';
import crown from 'lucide-static/icons/crown.svg?outline';
import dices from 'lucide-static/icons/dices.svg?outline';
import eye from 'lucide-static/icons/eye.svg?outline';
import key from 'lucide-static/icons/key-round.svg?outline';
import list from 'lucide-static/icons/list.svg?outline';
import lock from 'lucide-static/icons/lock.svg?outline';
import logIn from 'lucide-static/icons/log-in.svg?outline';
import logOut from 'lucide-static/icons/log-out.svg?outline';
import menu from 'lucide-static/icons/menu.svg?outline';
import messageOff from 'lucide-static/icons/message-circle-off.svg?outline';
import message from 'lucide-static/icons/message-square.svg?outline';
import plus from 'lucide-static/icons/plus.svg?outline';
import qrCode from 'lucide-static/icons/qr-code.svg?outline';
import send from 'lucide-static/icons/send.svg?outline';
import settings from 'lucide-static/icons/settings.svg?outline';
import swords from 'lucide-static/icons/swords.svg?outline';
import warning from 'lucide-static/icons/triangle-alert.svg?outline';
import trophy from 'lucide-static/icons/trophy.svg?outline';
import user from 'lucide-static/icons/user.svg?outline';
import userMinus from 'lucide-static/icons/user-minus.svg?outline';
import users from 'lucide-static/icons/users.svg?outline';
import video from 'lucide-static/icons/video.svg?outline';
import soundOff from 'lucide-static/icons/volume-x.svg?outline';
import wifiOff from 'lucide-static/icons/wifi-off.svg?outline';
import close from 'lucide-static/icons/x.svg?outline';
import { h } from 'preact';
import { glyphs } from '../render/glyphs';

const outlines = {
  activity,
  check,
  chevronLeft,
  chevronRight,
  copy,
  crown,
  dices,
  eye,
  key,
  list,
  lock,
  logIn,
  logOut,
  menu,
  messageOff,
  message,
  plus,
  qrCode,
  send,
  settings,
  swords,
  warning,
  trophy,
  userMinus,
  user,
  users,
  video,
  soundOff,
  wifiOff,
  close,
};

/** Lucide's way of drawing shapes. */
export function Outline({ shapes }: { shapes: typeof close }) {
  return (
    <span class="icon">
      <svg
        aria-hidden="true"
        viewBox="0 0 24 24"
        fill="none"
        stroke="currentColor"
        stroke-width="2"
        stroke-linecap="round"
        stroke-linejoin="round"
      >
        {shapes.map(([element, attributes]) => h(element, attributes))}
      </svg>
    </span>
  );
}

/** A decorative icon: its button or line carries the words. */
export function Icon({ name }: { name: keyof typeof outlines }) {
  return <Outline shapes={outlines[name]} />;
}

/** A silhouette of the game's: a weapon, a pick-up. */
export function Glyph({ name }: { name: string }) {
  return (
    <svg class="glyph" viewBox="0 0 24 24" aria-hidden="true">
      <path d={glyphs[name] ?? ''} fill="currentColor" />
    </svg>
  );
}
