/** Environment variables, as a command gets them. */
export type Environment = Readonly<Record<string, string | undefined>>
