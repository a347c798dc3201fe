/** What a drag from the palette carries. */
export const DRAGGED = "application/x-skyloom-node";
export type Dragged = { kind: "module" | "dataset"; name: string };
