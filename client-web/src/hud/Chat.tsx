// What people say, and the line to say something.

import { useLayoutEffect, useRef } from 'preact/hooks';
import { hud } from './state';

export function Chat({ say, done }: { say: (text: string) => void; done: () => void }) {
  const input = useRef<HTMLInputElement>(null);
  const open = hud.chatOpen.value;
  // At once, so that the very next key is typed and not played.
  useLayoutEffect(() => {
    if (open) input.current?.focus();
  }, [open]);
  return (
    <div class="chat">
      <ol class="chatLines" aria-live="polite" aria-label="Chat">
        {hud.chat.value.slice(-7).map((l) => (
          <li key={l.key}>
            <b style={{ color: l.colour }}>{l.name}</b> {l.text}
          </li>
        ))}
      </ol>
      {open && (
        <form
          onSubmit={(e) => {
            e.preventDefault();
            if (input.current?.value.trim()) say(input.current.value.trim());
            done();
          }}
        >
          <input
            ref={input}
            class="textInput"
            aria-label="Say to everyone"
            placeholder="Say to everyone, Enter sends"
            maxLength={160}
            autocomplete="off"
            onKeyDown={(e) => {
              e.stopPropagation();
              if (e.key === 'Escape') done();
            }}
            onBlur={done}
          />
        </form>
      )}
    </div>
  );
}
