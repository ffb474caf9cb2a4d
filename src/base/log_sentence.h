/* log_sentence.h -- an error's sentence without the places that it names. */
#ifndef BASE_LOG_SENTENCE_H
#define BASE_LOG_SENTENCE_H

#define LOG_SENTENCE_BYTES 512

/* Copies the sentence, cut where it is too long.  Of an absolute path, and of a
 * URL's, the last name is left, "cannot read .../b.png: Input/output error":
 * where data is tells whose it is.  A blank does not end a path, since its
 * names may hold some: what stands between two of them may go, too. */
void log_sentence(const char *sentence, char out[LOG_SENTENCE_BYTES]);

#endif
