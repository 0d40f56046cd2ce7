/* assets/2nd Dot.bin, 20 bytes, as C. Change the file in the pack. */

#ifndef _2ND_DOT_BIN_H
#define _2ND_DOT_BIN_H

#define _2ND_DOT_BIN_LEN 20

extern const unsigned char _2nd_dot_bin[20];

#endif
