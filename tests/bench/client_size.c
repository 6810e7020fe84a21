/* SPDX-License-Identifier: ISC */
/*
 * client_size.c -- prints how many bytes a connection is to echoload.
 */
#include <stdio.h>

#include "client.h"

int
main(void)
{
	printf("%zu\n", sizeof(struct client));
	return 0;
}
