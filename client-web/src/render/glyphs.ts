// Silhouettes on a 24 by 24 field, as SVG path data: one drawing for the HUD (as SVG) and for the
// arena (as a texture).

export const glyphs: Record<string, string> = {
  // Carried weapons, side view, muzzle to the right.
  blaster: 'M3 9h13l2 1.5h4v3h-4L16 15H11l-1.5 5H5.5L7 15H3z',
  shotgun: 'M1 11l6-3h15v2.6H9.5V12H22v2.6H9L6.5 16 2 18z',
  plasma: 'M2 10h4l2-3h8l6 3.2v3.6L16 17H8l-2-3H4.5L3 19H1zM10 9.6v4.8h4.6l2.6-2.4-2.6-2.4z',
  rocket: 'M1 8.5h3l2 1.5h9V7.5h3L23 12l-5 4.5h-3V14H9l-1 5H4.6L6 14H4l-3 1.5z',
  rail: 'M1 10h5l1-2h15v2.2H10v3.6h12V16H8.5L7 19.5H4L5.3 15H1z',
  // Pick-ups and the HUD.
  health: 'M9.5 3h5v6.5H21v5h-6.5V21h-5v-6.5H3v-5h6.5z',
  mega: 'M12 21S2.5 15 2.5 8.6A5 5 0 0 1 12 6.2a5 5 0 0 1 9.5 2.4C21.5 15 12 21 12 21zM10.8 9.2v2.6H8.2v2.4h2.6v2.6h2.4v-2.6h2.6v-2.4h-2.6V9.2z',
  armour:
    'M12 2.2l8.5 3v6.6c0 5-3.6 8.4-8.5 10-4.9-1.6-8.5-5-8.5-10V5.2zM12 5.4v13.2c3.300-1.300 5.500-3.700 5.500-6.800V7.300z',
  dash: 'M4 5l8 7-8 7v-4.500L7 12 4 9.500zM12 5l9 7-9 7v-4.500l3-2.500-3-2.500z',
  skull:
    'M12 2.500c-5 0-8.500 3.400-8.500 8 0 3 1.500 5 3.500 6.300V20h2v-2h2v2h2v-2h2v2h2v-3.200c2-1.300 3.500-3.300 3.500-6.300 0-4.600-3.500-8-8.500-8zM8.500 9a2 2 0 1 1 0 4 2 2 0 0 1 0-4zm7 0a2 2 0 1 1 0 4 2 2 0 0 1 0-4z',
};
