/** The usual theme of VitePress. */

import DefaultTheme from 'vitepress/theme'
import './style.css'

export default DefaultTheme
