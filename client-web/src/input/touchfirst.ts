/** Whether this device is worked by touch first. */
export const touchFirst = (): boolean =>
  matchMedia('(pointer: coarse)').matches && navigator.maxTouchPoints > 0;
