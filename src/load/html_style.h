/* SPDX-License-Identifier: ISC */
/*
 * html_style.h -- how the HTML report looks, in light and in dark.
 */
#ifndef HTML_STYLE_H
#define HTML_STYLE_H

extern const char html_style[];

#endif
