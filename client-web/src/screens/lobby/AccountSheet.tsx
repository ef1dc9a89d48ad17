// An account, for who wants the own name and ratings on other devices too. A guest who registers keeps
// all that was played.

import { useSignal } from '@preact/signals';
import { Icon } from '../../hud/icons';
import { lobby } from '../../lobby/here';
import { Sheet } from '../Sheet';
import { Problem, useWork } from './asking';

/** The least number of characters that the server takes. */
const shortest = 8;

function LogOut({ close }: { close: () => void }) {
  const work = useWork();
  return (
    <>
      <p class="lead">
        Log out on this device? Your account keeps everything, and you go on here as a new guest.
      </p>
      <Problem text={work.error.value} />
      <button
        type="button"
        class="button primary"
        disabled={work.busy.value}
        onClick={() =>
          void work.run(async () => {
            await lobby.identity.logOut();
            close();
          })
        }
      >
        <Icon name="logOut" /> Log out
      </button>
    </>
  );
}

function LogIn({ close }: { close: () => void }) {
  const fresh = useSignal(true);
  const login = useSignal('');
  const password = useSignal('');
  const work = useWork();
  const submit = (e: Event) => {
    e.preventDefault();
    void work.run(async () => {
      const { identity } = lobby;
      await (fresh.peek()
        ? identity.register(login.peek().trim(), password.peek())
        : identity.logIn(login.peek().trim(), password.peek()));
      close();
    });
  };
  return (
    <>
      <fieldset class="segments">
        <legend class="visually-hidden">New or known</legend>
        {[true, false].map((v) => (
          <label key={String(v)}>
            <input
              type="radio"
              class="visually-hidden"
              name="fresh"
              checked={fresh.value === v}
              onChange={() => {
                fresh.value = v;
              }}
            />
            {v ? 'Register' : 'Log in'}
          </label>
        ))}
      </fieldset>
      <form class="plan" onSubmit={submit}>
        <label class="field">
          Login
          <input
            class="textInput small"
            autocomplete="username"
            autocapitalize="none"
            spellcheck={false}
            required
            maxLength={64}
            value={login.value}
            onInput={(e) => {
              login.value = e.currentTarget.value;
            }}
          />
        </label>
        <label class="field">
          Password
          <input
            class="textInput small"
            type="password"
            autocomplete={fresh.value ? 'new-password' : 'current-password'}
            required
            minLength={fresh.value ? shortest : 1}
            value={password.value}
            onInput={(e) => {
              password.value = e.currentTarget.value;
            }}
          />
        </label>
        <p class="hint">
          {fresh.value
            ? 'Your name, ratings and matches go with you.'
            : 'What you played here as a guest is added to the account.'}
        </p>
        <Problem text={work.error.value} />
        <button type="submit" class="button primary" disabled={work.busy.value}>
          {fresh.value ? 'Make the account' : 'Log in'}
        </button>
      </form>
      {lobby.site.value && (
        <a class="button" href="/api/v1/oidc/start">
          <Icon name="key" /> Use another site’s account
        </a>
      )}
    </>
  );
}

export function AccountSheet({ close }: { close: () => void }) {
  const guest = lobby.identity.me.value?.guest ?? true;
  return (
    <Sheet title="Account" narrow close={close}>
      {guest ? <LogIn close={close} /> : <LogOut close={close} />}
    </Sheet>
  );
}
