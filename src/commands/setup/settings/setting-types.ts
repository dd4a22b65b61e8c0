/** The types of settings that several of them have. */

import type { SettingType } from './setting-facts.ts'

/** `on` or `off`. */
export const SWITCH: SettingType = { name: 'on, off', problem: (value) => (value === 'on' || value === 'off' ? null : 'is not on or off') }

/** A number of things a minute. */
export const RATE: SettingType = {
  name: 'whole number, off',
  problem: (value) =>
    value === 'off' || (/^\d{1,9}$/.test(value) && Number(value) > 0) ? null : 'is not a whole number from 1 on, or off',
}

/** A whole number from `least` to `most`. */
export function whole(least: number, most: number): SettingType {
  return {
    name: 'whole number',
    problem: (value) => (isWhole(value, least, most) ? null : `is not a whole number from ${least} to ${most}`),
  }
}

/** The same, or `off`. */
export function wholeOrOff(least: number, most: number): SettingType {
  return {
    name: 'whole number, off',
    problem: (value) => (value === 'off' || isWhole(value, least, most) ? null : `is not a whole number from ${least} to ${most}, or off`),
  }
}

function isWhole(value: string, least: number, most: number): boolean {
  return /^\d{1,9}$/.test(value) && Number(value) >= least && Number(value) <= most
}

/** An address with one of these protocols. */
export function url(protocols: readonly string[]): SettingType {
  return {
    name: 'URL',
    problem: (value) =>
      URL.canParse(value) && protocols.includes(new URL(value).protocol)
        ? null
        : `is not an address that begins with ${protocols.map((p) => `${p}//`).join(' or ')}`,
  }
}
