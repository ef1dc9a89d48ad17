// In place of what Pixi loads for any page: the game draws shapes only, with no pointer events, DOM elements,
// accessibility layer, spritesheets, masks or filters of Pixi's. What it uses comes with its imports.

export {};
