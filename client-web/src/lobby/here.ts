// The lobby of the server that this page came from.

import { settings } from '../settings';
import { Lobby } from './lobby';
import { Pings } from './pings';

export const lobby = new Lobby(() => settings.peek().name);
export const pings = new Pings(() => location.origin);
