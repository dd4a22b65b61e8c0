/** Draws plots as SVG, readable on light and dark pages. */

const STYLE = `<style>
  text { font: 12px system-ui, sans-serif; fill: #24292f }
  .title { font-weight: 600 }
  .small { font-size: 11px; fill: #57606a }
  .bar { fill: #8c959f } .own { fill: #0969da }
  .axis { stroke: #d0d7de; stroke-width: 1 }
  .line { fill: none; stroke-width: 2 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .small { fill: #9198a1 } .bar { fill: #656c76 } .own { fill: #4493f8 } .axis { stroke: #3d444d }
  }
</style>`

/** One bar of a panel. */
export interface Bar {
  readonly label: string
  readonly value: number
  /** Whether it is a bar of Plinth, drawn in another colour. */
  readonly own: boolean
}

/** Bars under one title. */
export interface Panel {
  readonly title: string
  readonly bars: readonly Bar[]
}

const WIDTH = 860
const COLUMNS = 2
const ROW = 18
const LABEL = 190

/** Draws panels of horizontal bars, each on its own scale. Returns SVG. */
export function barPlot(panels: readonly Panel[], format: (value: number) => string): string {
  const width = WIDTH / COLUMNS
  let y = 0
  let body = ''
  for (let i = 0; i < panels.length; i += COLUMNS) {
    const row = panels.slice(i, i + COLUMNS)
    body += row.map((panel, column) => `<g transform="translate(${column * width} ${y})">${panelSvg(panel, width, format)}</g>`).join('')
    y += Math.max(...row.map((panel) => panel.bars.length)) * ROW + 44
  }
  return svg({ title: panels.map((panel) => panel.title).join('; '), height: y }, body)
}

function panelSvg({ title, bars }: Panel, width: number, format: (value: number) => string): string {
  const most = Math.max(...bars.map((bar) => bar.value), 1)
  const room = width - LABEL - 70
  const lines = bars.map((bar, i) => {
    const y = 34 + i * ROW
    const length = Math.max(1, (bar.value / most) * room)
    return [
      `<text class="small" x="${LABEL - 6}" y="${y + 9}" text-anchor="end">${escaped(bar.label)}</text>`,
      `<rect class="${bar.own ? 'own' : 'bar'}" x="${LABEL}" y="${y}" width="${length.toFixed(1)}" height="11" rx="2"/>`,
      `<text class="small" x="${(LABEL + length + 5).toFixed(1)}" y="${y + 9}">${format(bar.value)}</text>`,
    ].join('')
  })
  return `<text class="title" x="8" y="18">${escaped(title)}</text>${lines.join('')}`
}

/** One line of a plot. */
export interface Series {
  readonly label: string
  readonly points: readonly { readonly x: number; readonly y: number }[]
}

const COLOURS = ['#0969da', '#1a7f37', '#bf8700', '#cf222e', '#8250df', '#57606a']
const PLOT = { left: 60, top: 16, width: 560, height: 240 } as const

/** Draws lines over a logarithmic x axis; y starts at zero. Returns SVG. */
export function linePlot(series: readonly Series[], labels: { readonly x: (value: number) => string; readonly y: string }): string {
  const points = series.flatMap((one) => one.points)
  const [least, most] = [Math.min(...points.map((p) => p.x)), Math.max(...points.map((p) => p.x))]
  const highest = Math.max(...points.map((p) => p.y)) * 1.15
  const x = (value: number) => PLOT.left + (Math.log(value / least) / Math.log(most / least)) * PLOT.width
  const y = (value: number) => PLOT.top + PLOT.height - (value / highest) * PLOT.height
  const bottom = PLOT.top + PLOT.height
  const marks = [...new Set(points.map((p) => p.x))].map(
    (value) => `<text class="small" x="${x(value).toFixed(1)}" y="${bottom + 18}" text-anchor="middle">${labels.x(value)}</text>`,
  )
  const levels = [0, 0.5, 1].map((share) => {
    const at = y(highest * share).toFixed(1)
    const value = (highest * share).toPrecision(2)
    const axis = `<line class="axis" x1="${PLOT.left}" x2="${PLOT.left + PLOT.width}" y1="${at}" y2="${at}"/>`
    return `${axis}<text class="small" x="${PLOT.left - 6}" y="${at}" text-anchor="end">${value}</text>`
  })
  const lines = series.map(({ label, points: own }, i) => {
    const colour = COLOURS[i % COLOURS.length]
    const path = own.map((p, at) => `${at === 0 ? 'M' : 'L'}${x(p.x).toFixed(1)} ${y(p.y).toFixed(1)}`).join(' ')
    const right = PLOT.left + PLOT.width
    const square = `<rect x="${right + 16}" y="${PLOT.top + i * 20}" width="12" height="12" fill="${colour}"/>`
    const key = `${square}<text x="${right + 34}" y="${PLOT.top + 10 + i * 20}">${escaped(label)}</text>`
    return `<path class="line" stroke="${colour}" d="${path}"/>${key}`
  })
  const caption = `<text class="small" x="${PLOT.left}" y="${bottom + 38}">${escaped(labels.y)}</text>`
  return svg({ title: labels.y, height: bottom + 44 }, [...levels, ...marks, ...lines, caption].join(''))
}

function svg({ title, height }: { readonly title: string; readonly height: number }, body: string): string {
  const size = `viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}"`
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img">\n<title>${escaped(title)}</title>\n${STYLE}\n${body}\n</svg>\n`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
