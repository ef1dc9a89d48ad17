// The pictures on the replay page's buttons, from Lucide, loaded with the page.

import next from 'lucide-static/icons/fast-forward.svg?raw';
import folder from 'lucide-static/icons/folder-open.svg?raw';
import keyboard from 'lucide-static/icons/keyboard.svg?raw';
import pause from 'lucide-static/icons/pause.svg?raw';
import play from 'lucide-static/icons/play.svg?raw';
import back from 'lucide-static/icons/rewind.svg?raw';
import again from 'lucide-static/icons/rotate-ccw.svg?raw';
import soundOn from 'lucide-static/icons/volume-2.svg?raw';
import soundOff from 'lucide-static/icons/volume-x.svg?raw';

const outlines = { keyboard, next, folder, pause, play, back, again, soundOn, soundOff };

/** A decorative icon: its button carries the words. */
export function Mark({ name }: { name: keyof typeof outlines }) {
  return <span class="icon" aria-hidden="true" dangerouslySetInnerHTML={{ __html: outlines[name] }} />;
}
