// The pictures on the replay page's buttons, from Lucide, loaded with the page.

import next from 'lucide-static/icons/fast-forward.svg?outline';
import folder from 'lucide-static/icons/folder-open.svg?outline';
import keyboard from 'lucide-static/icons/keyboard.svg?outline';
import pause from 'lucide-static/icons/pause.svg?outline';
import play from 'lucide-static/icons/play.svg?outline';
import back from 'lucide-static/icons/rewind.svg?outline';
import again from 'lucide-static/icons/rotate-ccw.svg?outline';
import soundOn from 'lucide-static/icons/volume-2.svg?outline';
import soundOff from 'lucide-static/icons/volume-x.svg?outline';
import { Outline } from '../hud/icons';

const outlines = { keyboard, next, folder, pause, play, back, again, soundOn, soundOff };

/** A decorative icon: its button carries the words. */
export function Mark({ name }: { name: keyof typeof outlines }) {
  return <Outline shapes={outlines[name]} />;
}
