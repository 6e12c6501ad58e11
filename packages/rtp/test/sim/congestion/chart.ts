// Line charts over time as SVG, small enough to live in the repository.

const WIDTH = 760;
const PANEL_HEIGHT = 170;
const LEFT = 52;
const RIGHT = 12;
const TOP = 26;
const GAP = 42;
const TICKS = 4;
const PLOT_WIDTH = WIDTH - LEFT - RIGHT;

/** A line: values at equal steps of time. NaN leaves a gap. */
export interface Line {
  readonly label: string;
  readonly color: string;
  readonly values: readonly number[];
  readonly isDashed?: boolean;
}

/** Lines over one scale. */
export interface Panel {
  readonly label: string;
  /** The scale ends here, if the values do not reach beyond. */
  readonly atLeast: number;
  readonly lines: readonly Line[];
}

/** A chart of panels one below the other, over the same seconds. */
export function renderChart(title: string, seconds: number, panels: readonly Panel[]): string {
  const height = TOP + panels.length * (PANEL_HEIGHT + GAP);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="11">`,
    `<title>${title}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    ...panels.map((panel, i) => renderPanel(panel, seconds, TOP + i * (PANEL_HEIGHT + GAP))),
    '</svg>',
  ];
  return `${parts.join('\n')}\n`;
}

function renderPanel(panel: Panel, seconds: number, top: number): string {
  const highest = Math.max(
    panel.atLeast,
    ...panel.lines.flatMap(({ values }) => values.filter((each) => !Number.isNaN(each))),
  );
  const scale = roundUp(highest);
  const y = (value: number): number => top + PANEL_HEIGHT * (1 - value / scale);
  const bottom = top + PANEL_HEIGHT;
  const parts: string[] = [];
  for (let i = 0; i <= TICKS; i++) {
    const value = (scale * i) / TICKS;
    const at = y(value).toFixed(1);
    parts.push(
      `<path d="M${LEFT} ${at}H${WIDTH - RIGHT}" stroke="#ddd"/>`,
      `<text x="${LEFT - 6}" y="${at}" dy="4" text-anchor="end" fill="#555">${format(value)}</text>`,
    );
  }
  const step = seconds > 60 ? 20 : 10;
  for (let second = 0; second <= seconds; second += step) {
    const x = (LEFT + (PLOT_WIDTH * second) / seconds).toFixed(1);
    parts.push(
      `<text x="${x}" y="${bottom + 15}" text-anchor="middle" fill="#555">${second} s</text>`,
    );
  }
  parts.push(`<text x="${LEFT}" y="${top - 9}" fill="#333">${panel.label}</text>`);
  let legendX = WIDTH - RIGHT;
  for (const { color, isDashed, label, values } of panel.lines.toReversed()) {
    legendX -= 7 * label.length + 30;
    const dash = isDashed === true ? ' stroke-dasharray="5 3"' : '';
    parts.push(
      `<path d="M${legendX} ${top - 13}h18" stroke="${color}" stroke-width="2"${dash}/>`,
      `<text x="${legendX + 22}" y="${top - 9}" fill="#333">${label}</text>`,
      `<path d="${pathOf(values, y)}" fill="none" stroke="${color}" stroke-width="1.5"${dash}/>`,
    );
  }
  return parts.join('\n');
}

function pathOf(values: readonly number[], y: (value: number) => number): string {
  let path = '';
  let isDrawing = false;
  values.forEach((value, i) => {
    if (Number.isNaN(value)) {
      isDrawing = false;
      return;
    }
    const x = LEFT + (PLOT_WIDTH * (i + 0.5)) / values.length;
    path += `${isDrawing ? 'L' : 'M'}${x.toFixed(1)} ${y(value).toFixed(1)}`;
    isDrawing = true;
  });
  return path;
}

/** To the next number that divides well. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 2.4, 4, 6, 8, 10].find((each) => each * power >= value) as number);
}

function format(value: number): string {
  return String(Math.round(value * 100) / 100);
}
