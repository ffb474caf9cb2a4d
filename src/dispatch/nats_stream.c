/* nats_stream.c -- the words that JetStream understands. */
#include "dispatch/nats_stream.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/doc.h"

#define ANSWER_MS 5000 /* of a stream to what was published */
#define SUBJECT_BYTES 256
#define REQUEST_BYTES 128
#define INBOX_BYTES 128
#define DELAY_BYTES 64
#define BEYOND_MS                                                   \
	2000 /* the server says that it waits no longer; else we do \
	      */
#define BEHIND_MS 5

/* -- publishing -- */

/* Sent with an inbox of its own, whose last token says which it is. */
static natsStatus send_one(struct nats_link *l, const char *inbox, size_t i,
	const struct nats_publication *p)
{
	char reply[INBOX_BYTES + 24];
	natsMsg *m = NULL;
	natsStatus s;

	snprintf(reply, sizeof reply, "%s.%zu", inbox, i);
	s = natsMsg_Create(&m, p->subject, reply, p->body, (int)p->n);
	if (s == NATS_OK)
		s = natsMsgHeader_Set(m, "Nats-Msg-Id", p->id);
	if (s == NATS_OK)
		s = natsConnection_PublishMsg(l->nc, m);
	natsMsg_Destroy(m);
	return s;
}

/* {"stream", "seq"} or {"error": {"description"}}. */
static void read_answer(natsMsg *m, struct nats_publication *p)
{
	const json_t *error;
	const char *text;
	json_t *doc;

	if (natsMsg_IsNoResponders(m)) {
		err_set(&p->why, ERR_WORLD, "the queue has no such stream");
		return;
	}
	doc = doc_parse(
		natsMsg_GetData(m), (size_t)natsMsg_GetDataLength(m), &p->why);
	error = json_object_get(doc, "error");
	text = json_string_value(json_object_get(error, "description"));
	if (error)
		err_set(&p->why, ERR_WORLD, "the queue does not take it: %s",
			text ? text : "no reason given");
	else if (doc)
		p->seq = (uint64_t)json_integer_value(
			json_object_get(doc, "seq"));
	json_decref(doc);
}

static void read_answers(struct nats_inbox *inbox, size_t prefix,
	struct nats_publication *list, size_t n, size_t sent)
{
	const int64_t until_ms = clock_mono_ms() + ANSWER_MS;
	natsMsg *m;

	while (sent > 0 &&
		(m = nats_inbox_take(inbox, until_ms - clock_mono_ms()))) {
		const size_t i = strtoul(
			natsMsg_GetSubject(m) + prefix, NULL, 10);

		if (i < n) {
			list[i].why.code = 0;
			read_answer(m, &list[i]);
		}
		natsMsg_Destroy(m);
		sent--;
	}
}

static size_t send_all(struct nats_link *l, const char *inbox,
	struct nats_publication *list, size_t n)
{
	const int64_t most = natsConnection_GetMaxPayload(l->nc);
	size_t sent = 0;

	for (size_t i = 0; i < n; i++) {
		natsStatus s = NATS_OK;

		if ((int64_t)list[i].n > most) {
			err_set(&list[i].why, ERR_WORLD,
				"its %zu bytes are more than the %" PRId64
				" that a message of the queue may have: raise "
				"the server's max_payload",
				list[i].n, most);
			continue;
		}
		s = send_one(l, inbox, i, &list[i]);
		if (s == NATS_OK)
			sent++;
		else
			nats_failed(&list[i].why, "it cannot be sent", s, 0);
	}
	return sent;
}

void nats_publish(struct nats_link *l, struct nats_publication *list, size_t n)
{
	struct nats_inbox *inbox = NULL;
	char all[INBOX_BYTES + 4];
	natsInbox *own = NULL;

	for (size_t i = 0; i < n; i++) {
		list[i].seq = 0;
		err_set(&list[i].why, ERR_WORLD,
			"the queue did not answer within %d s",
			ANSWER_MS / 1000);
	}
	if (natsInbox_Create(&own) == NATS_OK) {
		snprintf(all, sizeof all, "%s.*", own);
		inbox = nats_inbox_open(l, all, NULL);
	}
	if (inbox)
		read_answers(inbox, strlen(own) + 1, list, n,
			send_all(l, own, list, n));
	nats_inbox_close(inbox);
	natsInbox_Destroy(own);
}

/* -- fetching -- */

/* The end of what was asked for: nothing more comes (404, 408), or the consumer
 * is gone (409) or was never there (503). */
static int status(natsMsg *m)
{
	const char *text = NULL;

	if (natsMsg_GetDataLength(m) > 0 ||
		natsMsgHeader_Get(m, "Status", &text) != NATS_OK)
		return 0;
	return atoi(text);
}

static int is_gone(int code)
{
	return code == 409 || code == 503;
}

/* Takes up to `most` of what comes until the server says that it is all: the
 * first within `wait_ms`, the others close behind. */
static int take_all(struct nats_inbox *i, int most, int64_t wait_ms,
	natsMsg **out, int *code)
{
	int n = 0;

	*code = 0;
	while (n < most && !*code) {
		natsMsg *m = nats_inbox_take(i, n > 0 ? BEHIND_MS : wait_ms);

		if (!m)
			break;
		*code = status(m);
		if (*code)
			natsMsg_Destroy(m);
		else
			out[n++] = m;
	}
	return n;
}

static natsStatus request(struct nats_link *l, struct nats_inbox *i,
	const char *stream, const char *consumer, const char *text)
{
	char subject[SUBJECT_BYTES];

	snprintf(subject, sizeof subject, "$JS.API.CONSUMER.MSG.NEXT.%s.%s",
		stream, consumer);
	return natsConnection_PublishRequestString(
		l->nc, subject, nats_inbox_subject(i), text);
}

/* All that is there, and else the next that comes: a request that is over has
 * asked for no more than it got, so nothing is left to come later. */
int nats_fetch(struct nats_link *l, struct nats_inbox *i, const char *stream,
	const char *consumer, int most, int64_t wait_ms, natsMsg **out)
{
	char text[REQUEST_BYTES];
	int n, code;

	snprintf(text, sizeof text, "{\"batch\": %d, \"no_wait\": true}", most);
	if (request(l, i, stream, consumer, text))
		return -1;
	n = take_all(i, most, BEYOND_MS, out, &code);
	if (n > 0 || is_gone(code) || wait_ms <= 0)
		return n > 0 || !is_gone(code) ? n : -1;
	snprintf(text, sizeof text, "{\"batch\": 1, \"expires\": %" PRId64 "}",
		wait_ms * 1000000);
	if (request(l, i, stream, consumer, text))
		return -1;
	n = take_all(i, 1, wait_ms + BEYOND_MS, out, &code);
	return n > 0 || !is_gone(code) ? n : -1;
}

/* -- receipts -- */

/* $JS.ACK.STREAM.CONSUMER.DELIVERED.SEQUENCE... or, of newer servers,
 * $JS.ACK.DOMAIN.ACCOUNT.STREAM.CONSUMER.DELIVERED.SEQUENCE.... */
static int read_receipt(const char *to, struct nats_receipt *out)
{
	int dots = 0, at;
	const char *p = to;

	for (const char *c = to; *c; c++)
		dots += *c == '.';
	if (strncmp(to, "$JS.ACK.", 8) != 0 || dots < 8)
		return 0;
	for (at = dots >= 10 ? 6 : 4; at > 0; at--)
		p = strchr(p, '.') + 1;
	return sscanf(p, "%" SCNd64 ".%" SCNu64, &out->delivered, &out->seq) ==
	       2;
}

int nats_receipt_of(natsMsg *m, struct nats_receipt *out, struct err *e)
{
	const char *to = natsMsg_GetReply(m);

	if (!to || strlen(to) >= sizeof out->to || !read_receipt(to, out))
		return err_set(e, ERR_INVALID, "a message of no stream");
	strcpy(out->to, to);
	return 0;
}

/* Without a connection nothing is said, now or later: the message comes
 * again. */
static void say(
	struct nats_link *l, const struct nats_receipt *r, const char *text)
{
	if (nats_link_up(l))
		natsConnection_PublishString(l->nc, r->to, text);
}

void nats_done(struct nats_link *l, const struct nats_receipt *r)
{
	say(l, r, "+ACK");
}

void nats_again(
	struct nats_link *l, const struct nats_receipt *r, int64_t delay_ms)
{
	char text[DELAY_BYTES];

	snprintf(text, sizeof text, "-NAK {\"delay\": %" PRId64 "}",
		delay_ms * 1000000);
	say(l, r, delay_ms > 0 ? text : "-NAK");
}

void nats_working(struct nats_link *l, const struct nats_receipt *r)
{
	say(l, r, "+WPI");
}
