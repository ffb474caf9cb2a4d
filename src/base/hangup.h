/* hangup.h -- whether a terminal that goes away ends this program. */
#ifndef BASE_HANGUP_H
#define BASE_HANGUP_H

/* True if whoever started the process had SIGHUP ignored, as nohup does: then
 * it must stay so, here and in the processes that this one starts. */
int hangup_is_ignored(void);

#endif
