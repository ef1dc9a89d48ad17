// A link to pass on: to copy, or to photograph from the screen.

import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { Icon } from '../hud/icons';

/** Modules of white around a code, as ISO 18004 asks. */
const quiet = 4;

/** Draws the link as one path. The generator is loaded when the first code is wanted. */
function QrCode({ link }: { link: string }) {
  const drawn = useSignal<{ size: number; path: string } | null>(null);
  useEffect(() => {
    let wanted = true;
    void import('qrcode-generator').then(({ default: generate }) => {
      const code = generate(0, 'M');
      code.addData(link);
      code.make();
      const n = code.getModuleCount();
      let path = '';
      for (let y = 0; y < n; y++) {
        for (let x = 0; x < n; x++) if (code.isDark(y, x)) path += `M${x + quiet} ${y + quiet}h1v1h-1z`;
      }
      if (wanted) drawn.value = { size: n + 2 * quiet, path };
    });
    return () => {
      wanted = false;
    };
  }, [link, drawn]);
  if (!drawn.value) return <div class="qr" aria-hidden="true" />;
  const { size, path } = drawn.value;
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label="QR code of the link">
      <path d={path} shape-rendering="crispEdges" />
    </svg>
  );
}

export function Share({ link, label }: { link: string; label: string }) {
  const copied = useSignal(false);
  const shown = useSignal(false);
  const input = useRef<HTMLInputElement>(null);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(link);
      copied.value = true;
    } catch {
      input.current?.select(); // no permission, or not a secure page: the player copies it by hand
    }
  };
  return (
    <div class="share">
      <div class="shareRow">
        <input
          ref={input}
          class="textInput"
          readOnly
          value={link}
          aria-label={label}
          onFocus={(e) => e.currentTarget.select()}
        />
        <button type="button" class="button" onClick={() => void copy()}>
          <Icon name={copied.value ? 'check' : 'copy'} /> {copied.value ? 'Copied' : 'Copy'}
        </button>
        <button
          type="button"
          class="button square"
          aria-label="QR code"
          aria-expanded={shown.value}
          onClick={() => {
            shown.value = !shown.value;
          }}
        >
          <Icon name="qrCode" />
        </button>
      </div>
      <p class="visually-hidden" role="status">
        {copied.value ? 'Link copied' : ''}
      </p>
      {shown.value && <QrCode link={link} />}
    </div>
  );
}
