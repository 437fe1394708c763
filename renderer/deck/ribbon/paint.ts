import type { TimeAxis } from '../time-axis';
import { CELL_KINDS, GHOST_KINDS, type RibbonCells } from './cells';
import type { RibbonPlace } from './hit';
import {
  CELL_HEIGHTS,
  COLUMN_WIDTH,
  frameToX,
  frameWidth,
  GHOST_DEPTHS,
  NARROWEST_CELL,
  type RibbonLayout,
  visibleFrames,
  xToFrame,
} from './layout';
import type { RibbonPalette } from './palette';

export interface RibbonScene {
  cells: RibbonCells;
  axis: TimeAxis;
  frameRate: number;
  layout: RibbonLayout;
  palette: RibbonPalette;
  /** Device pixels in a CSS pixel. */
  ratio: number;
  /** Outlined, in `outline`'s colour. */
  inspected: RibbonPlace | null;
  outline: string;
}

/** Paints what is in sight. The context is scaled to CSS pixels and its ground is painted. */
export function paintRibbon(context: CanvasRenderingContext2D, scene: RibbonScene): void {
  if (frameWidth(scene.axis, scene.frameRate) < NARROWEST_CELL) paintColumns(context, scene);
  else paintCells(context, scene);
  paintOutline(context, scene);
}

/** Left edge and width of a frame on whole device pixels, so that cells have sharp edges. */
function spanOf({ axis, frameRate, ratio }: RibbonScene, frame: number, gap: number) {
  const x = Math.round(frameToX(axis, frameRate, frame) * ratio) / ratio;
  const end = Math.round(frameToX(axis, frameRate, frame + 1) * ratio) / ratio;
  return { x, width: end - x - gap };
}

function paintCells(context: CanvasRenderingContext2D, scene: RibbonScene): void {
  const { cells, axis, frameRate, layout, palette } = scene;
  const { first, end } = visibleFrames(axis, frameRate, cells.frames);
  const gap = frameWidth(axis, frameRate) >= 5 ? 1 : 0;
  // One colour after the other: changing it costs more than a rectangle.
  CELL_KINDS.forEach((kind, index) => {
    if (kind === 'silence') return;
    const height = CELL_HEIGHTS[kind] * (layout.base - layout.top);
    context.fillStyle = palette.cells[kind];
    for (let frame = first; frame < end; frame++) {
      if (cells.kinds[frame] !== index) continue;
      const { x, width } = spanOf(scene, frame, gap);
      context.fillRect(x, layout.base - height, width, height);
    }
  });
  GHOST_KINDS.forEach((kind, index) => {
    if (kind === 'none') return;
    const depth = GHOST_DEPTHS[kind] * (layout.bottom - layout.ghostTop);
    context.fillStyle = palette.ghosts[kind];
    // One may stand one frame past the last cell.
    for (let frame = first; frame < end + 1; frame++) {
      if (cells.ghosts[frame] !== index) continue;
      const { x, width } = spanOf(scene, frame, gap);
      context.fillRect(x, layout.ghostTop, width, depth);
    }
  });
  paintSilences(context, scene, first, end);
}

/** A thin line where nothing was decoded, so that a silence is not taken for missing cells. */
function paintSilences(
  context: CanvasRenderingContext2D,
  scene: RibbonScene,
  first: number,
  end: number,
): void {
  const { cells, layout, outline } = scene;
  context.fillStyle = outline;
  context.globalAlpha = 0.35;
  for (let frame = first; frame < end; frame++) {
    if (cells.kinds[frame] !== 0) continue;
    const { x, width } = spanOf(scene, frame, 0);
    context.fillRect(x, layout.base - 1, width, 1);
  }
  context.globalAlpha = 1;
}

/** Too far out for single cells: each column is filled by the shares of the kinds in it. */
function paintColumns(context: CanvasRenderingContext2D, scene: RibbonScene): void {
  const { cells, axis, frameRate, layout, palette } = scene;
  const room = layout.base - layout.top;
  const depth = layout.bottom - layout.ghostTop;
  const kinds = new Uint32Array(CELL_KINDS.length);
  const ghosts = new Uint32Array(GHOST_KINDS.length);
  for (let x = 0; x < axis.width; x += COLUMN_WIDTH) {
    const first = Math.max(0, xToFrame(axis, frameRate, x));
    const end = Math.min(
      cells.frames,
      Math.max(first + 1, xToFrame(axis, frameRate, x + COLUMN_WIDTH)),
    );
    if (first >= end) break;
    kinds.fill(0);
    ghosts.fill(0);
    for (let frame = first; frame < end; frame++) {
      kinds[cells.kinds[frame]]++;
      ghosts[cells.ghosts[frame]]++;
    }
    let base = layout.base;
    CELL_KINDS.forEach((kind, index) => {
      if (kind === 'silence' || kinds[index] === 0) return;
      const height = (kinds[index] / (end - first)) * room;
      base -= height;
      context.fillStyle = palette.cells[kind];
      context.fillRect(x, base, COLUMN_WIDTH, height);
    });
    let top = layout.ghostTop;
    GHOST_KINDS.forEach((kind, index) => {
      if (kind === 'none' || ghosts[index] === 0) return;
      const height = (ghosts[index] / (end - first)) * depth;
      context.fillStyle = palette.ghosts[kind];
      context.fillRect(x, top, COLUMN_WIDTH, height);
      top += height;
    });
  }
}

function paintOutline(context: CanvasRenderingContext2D, scene: RibbonScene): void {
  const { axis, frameRate, layout, inspected, outline } = scene;
  if (!inspected) return;
  const x = frameToX(axis, frameRate, inspected.frame);
  const width = Math.max(3, frameToX(axis, frameRate, inspected.frame + 1) - x);
  const isToken = inspected.part === 'token';
  const top = isToken ? layout.top - 1 : layout.ghostTop - 1;
  const bottom = isToken ? layout.base + 1 : layout.bottom + 1;
  context.strokeStyle = outline;
  context.lineWidth = 1.5;
  context.strokeRect(x - 0.75, top - 0.75, width + 0.5, bottom - top + 1.5);
}
