/** The part of the plane in which bodies have been seen, and how it is drawn: it only grows, so that the picture does not jump. */
export class Extent {
  private minX = Number.POSITIVE_INFINITY;
  private minY = Number.POSITIVE_INFINITY;
  private maxX = Number.NEGATIVE_INFINITY;
  private maxY = Number.NEGATIVE_INFINITY;

  add({ x, y }: { readonly x: number; readonly y: number }): void {
    this.minX = Math.min(this.minX, x);
    this.minY = Math.min(this.minY, y);
    this.maxX = Math.max(this.maxX, x);
    this.maxY = Math.max(this.maxY, y);
  }

  /**
   * Returns where a point is drawn on a surface of `width` × `height` with `margin` on all sides. Both axes have the same scale,
   * and the extent is in the middle.
   */
  projection(width: number, height: number, margin: number): (x: number, y: number) => [number, number] {
    const spanX = Math.max(0, this.maxX - this.minX);
    const spanY = Math.max(0, this.maxY - this.minY);
    const scales = [(width - 2 * margin) / spanX, (height - 2 * margin) / spanY].filter(Number.isFinite);
    const scale = scales.length === 0 ? 1 : Math.min(...scales);
    const left = (width - spanX * scale) / 2;
    const top = (height - spanY * scale) / 2;
    return (x, y) => [left + (x - this.minX) * scale, top + (y - this.minY) * scale];
  }
}
