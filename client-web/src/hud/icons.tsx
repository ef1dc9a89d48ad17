// Small pictures for the page: outlines from Lucide, silhouettes from the game itself.

import activity from 'lucide-static/icons/activity.svg?raw';
import check from 'lucide-static/icons/check.svg?raw';
import chevronLeft from 'lucide-static/icons/chevron-left.svg?raw';
import chevronRight from 'lucide-static/icons/chevron-right.svg?raw';
import copy from 'lucide-static/icons/copy.svg?raw';
import crown from 'lucide-static/icons/crown.svg?raw';
import dices from 'lucide-static/icons/dices.svg?raw';
import eye from 'lucide-static/icons/eye.svg?raw';
import key from 'lucide-static/icons/key-round.svg?raw';
import list from 'lucide-static/icons/list.svg?raw';
import lock from 'lucide-static/icons/lock.svg?raw';
import logIn from 'lucide-static/icons/log-in.svg?raw';
import logOut from 'lucide-static/icons/log-out.svg?raw';
import menu from 'lucide-static/icons/menu.svg?raw';
import messageOff from 'lucide-static/icons/message-circle-off.svg?raw';
import message from 'lucide-static/icons/message-square.svg?raw';
import plus from 'lucide-static/icons/plus.svg?raw';
import qrCode from 'lucide-static/icons/qr-code.svg?raw';
import send from 'lucide-static/icons/send.svg?raw';
import settings from 'lucide-static/icons/settings.svg?raw';
import swords from 'lucide-static/icons/swords.svg?raw';
import warning from 'lucide-static/icons/triangle-alert.svg?raw';
import trophy from 'lucide-static/icons/trophy.svg?raw';
import user from 'lucide-static/icons/user.svg?raw';
import userMinus from 'lucide-static/icons/user-minus.svg?raw';
import users from 'lucide-static/icons/users.svg?raw';
import video from 'lucide-static/icons/video.svg?raw';
import soundOff from 'lucide-static/icons/volume-x.svg?raw';
import wifiOff from 'lucide-static/icons/wifi-off.svg?raw';
import close from 'lucide-static/icons/x.svg?raw';
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

/** A decorative icon: its button or line carries the words. */
export function Icon({ name }: { name: keyof typeof outlines }) {
  return <span class="icon" aria-hidden="true" dangerouslySetInnerHTML={{ __html: outlines[name] }} />;
}

/** A silhouette of the game's: a weapon, a pick-up. */
export function Glyph({ name }: { name: string }) {
  return (
    <svg class="glyph" viewBox="0 0 24 24" aria-hidden="true">
      <path d={glyphs[name] ?? ''} fill="currentColor" />
    </svg>
  );
}
