/** Values of other types as texts and as JSON: in the form in which an answer shows them. */

/** By the plain name of the type; for types whose cast has another form than an answer. The argument is an SQL expression. */
const TEXTS: Readonly<Record<string, (value: string) => string>> = {
  'timestamp with time zone': (value) => `to_char(${value} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
  interval: durationText,
}

/** Returns a value as a text. */
export function toText(type: string, value: string): string {
  return TEXTS[type]?.(value) ?? `${value}::text`
}

/** Returns a value as JSON. An answer shows a decimal as a text, so that no client reads it as a double. */
export function toJson(type: string, value: string): string {
  return TEXTS[type] !== undefined || type === 'numeric' ? `to_jsonb(${toText(type, value)})` : `to_jsonb(${value})`
}

/** Returns whether the items of a list have the same form as texts when the list is cast. */
export function castsToTexts(type: string): boolean {
  return TEXTS[type] === undefined
}

/** `PnDTnHnMn.nS` without zero parts; a day is 24 hours. Without a subquery, which `alter column … using` refuses. */
function durationText(value: string): string {
  const total = `extract(epoch from ${value})`
  const size = `abs(${total})`
  const days = `nullif(div(${size}, 86400), 0)::text || 'D'`
  const hours = `nullif(div(mod(${size}, 86400), 3600), 0)::text || 'H'`
  const minutes = `nullif(div(mod(${size}, 3600), 60), 0)::text || 'M'`
  const seconds = `trim_scale(nullif(mod(${size}, 60), 0))::text || 'S'`
  const time = `case when mod(${size}, 86400) <> 0 then concat('T', ${hours}, ${minutes}, ${seconds}) end`
  const spelled = `concat(case when ${total} < 0 then '-' end, 'P', ${days}, ${time})`
  return `(case when ${value} is null then null when ${total} = 0 then 'PT0S' else ${spelled} end)`
}
