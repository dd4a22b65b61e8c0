// @ts-nocheck
throw 'no'
