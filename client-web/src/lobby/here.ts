// The lobby of the server that this page came from.

import { settings } from '../settings';
import { Lobby } from './lobby';

export const lobby = new Lobby(() => settings.peek().name);
