/** The sections of the page, in the order in which they are read. */

import { accessSection } from './access-section.ts'
import { buildsSection } from './builds-section.ts'
import { codeSection } from './code-section.ts'
import { comparisonSection, repeatSection } from './comparison-sections.ts'
import { coverageSection } from './coverage-section.ts'
import { findingsSection } from './findings-section.ts'
import { gapsSection } from './gaps-section.ts'
import { mutantsSection } from './mutants-section.ts'
import { performanceSection } from './performance-section.ts'
import { requirementsSection } from './requirements-section.ts'
import type { Page, Section } from './section.ts'
import { securitySection } from './security-section.ts'

/** All sections of a report. */
export function sectionsOf(page: Page): readonly Section[] {
  const all: readonly (Section | null)[] = [
    comparisonSection(page),
    findingsSection(page),
    requirementsSection(page),
    gapsSection(page),
    accessSection(page),
    coverageSection(page),
    mutantsSection(page),
    securitySection(page),
    performanceSection(page),
    buildsSection(page),
    codeSection(page),
    repeatSection(page),
  ]
  return all.filter((section) => section !== null)
}
