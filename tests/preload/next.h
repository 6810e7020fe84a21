/* SPDX-License-Identifier: ISC */
/*
 * next.h -- how a preloaded library calls the function that it stands in front of.
 */
#ifndef NEXT_H
#define NEXT_H

#include <dlfcn.h>
#include <string.h>

/* The next function of that name, in a pointer of the type of `place`. */
#define FIND_NEXT(place, name) \
	do { \
		void *found_ = dlsym(RTLD_NEXT, name); \
\
		memcpy(&(place), &found_, sizeof(place)); \
	} while (0)

/* Define next_NAME(), which finds NAME when it is first called. */
#define NEXT(type, name, params, args) \
	static type next_##name params \
	{ \
		static type(*fn) params; \
\
		if (fn == NULL) \
			FIND_NEXT(fn, #name); \
		return fn args; \
	}

#endif
