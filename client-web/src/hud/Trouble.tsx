// The line to the server, shown before it hurts: an icon after a quarter of a second of silence, words
// after a second, and what is being done about it once it is lost.

import { signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import type { LinkState } from '../link';
import { Icon } from './icons';

/** How bad the silence is: 0 none, 1 noticeable, 2 bad. Set by the frame loop. */
export const silence = signal<0 | 1 | 2>(0);

function Countdown({ until }: { until: number }) {
  const [now, setNow] = useState(performance.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), 100);
    return () => clearInterval(timer);
  }, []);
  const left = Math.max(0, until - now);
  return <>{left > 0 ? `next try in ${(left / 1000).toFixed(1)} s` : 'connecting…'}</>;
}

export function Trouble({ link, retry }: { link: LinkState; retry: () => void }) {
  if (link.phase === 'retrying') {
    return (
      <div class="trouble panel bad" role="status">
        <Icon name="wifiOff" />
        <div>
          <b>{link.text}</b>
          <p>
            Your place is kept. Try {link.attempt}: <Countdown until={link.retryAt} />
          </p>
        </div>
        <button type="button" class="button" onClick={retry}>
          Try now
        </button>
      </div>
    );
  }
  if (link.phase !== 'live' || silence.value === 0) return null;
  if (silence.value === 1) {
    return (
      <div class="troubleIcon" role="status" aria-label="The connection stutters">
        <Icon name="warning" />
      </div>
    );
  }
  return (
    <div class="trouble panel" role="status">
      <Icon name="warning" />
      <div>
        <b>Nothing heard from the server</b>
        <p>Waiting, and trying a second line…</p>
      </div>
    </div>
  );
}
