/* nats_link.c -- the connection, and the words that JetStream understands. */
#include "dispatch/nats_link.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/doc.h"

#define RECONNECT_MS 500
#define JITTER_MS 200
#define PING_MS 3000
#define PINGS_MOST 2
#define ANSWER_MS 5000 /* of a stream to what was published */
#define INBOX_BYTES 128
#define DELAY_BYTES 64

int nats_failed(struct err *e, const char *what, natsStatus s, jsErrCode code)
{
	const char *last = nats_GetLastError(NULL);

	if (code)
		return err_set(e, ERR_WORLD, "%s: %s (JetStream's error %d)",
			what, last ? last : natsStatus_GetText(s), (int)code);
	return err_set(e, ERR_WORLD, "%s: %s", what, natsStatus_GetText(s));
}

/* -- the connection -- */

static void made(natsConnection *nc, void *link)
{
	struct nats_link *l = link;

	(void)nc;
	atomic_fetch_add(&l->made, 1);
}

static int check_url(const char *url, struct err *e)
{
	while (*url) {
		const size_t n = strcspn(url, ",");
		const char *rest = strstr(url, "://");

		if ((strncmp(url, "nats://", 7) != 0 &&
			    strncmp(url, "tls://", 6) != 0) ||
			rest + 3 >= url + n)
			return err_set(e, ERR_INVALID,
				"a queue's URL is nats://HOST:4222 or "
				"tls://HOST:4222, and several are separated by "
				"commas");
		url += n + (url[n] == ',');
	}
	return 0;
}

static natsStatus trust(natsOptions *o, const struct queue_address *a)
{
	natsStatus s = NATS_OK;

	if (strstr(a->url, "tls://"))
		s = natsOptions_SetSecure(o, true);
	if (s == NATS_OK && a->ca_file && strstr(a->url, "tls://"))
		s = natsOptions_LoadCATrustedCertificates(o, a->ca_file);
	if (s == NATS_OK && a->creds)
		s = natsOptions_SetUserCredentialsFromFiles(o, a->creds, NULL);
	return s;
}

/* A server that hangs is given up after PING_MS * PINGS_MOST.  What waits for
 * an answer when the connection breaks is told so. */
static natsStatus set(natsOptions *o, struct nats_link *l,
	const struct queue_address *a, const char *name)
{
	natsStatus s = natsOptions_SetURL(o, a->url);

	if (s == NATS_OK)
		s = natsOptions_SetName(o, name);
	if (s == NATS_OK)
		s = natsOptions_SetMaxReconnect(o, -1);
	if (s == NATS_OK)
		s = natsOptions_SetReconnectWait(o, RECONNECT_MS);
	if (s == NATS_OK)
		s = natsOptions_SetReconnectJitter(o, JITTER_MS, JITTER_MS);
	if (s == NATS_OK)
		s = natsOptions_SetPingInterval(o, PING_MS);
	if (s == NATS_OK)
		s = natsOptions_SetMaxPingsOut(o, PINGS_MOST);
	if (s == NATS_OK)
		s = natsOptions_SetFailRequestsOnDisconnect(o, true);
	if (s == NATS_OK)
		s = natsOptions_SetReconnectedCB(o, made, l);
	if (s == NATS_OK)
		s = natsOptions_SetRetryOnFailedConnect(o, true, made, l);
	return s == NATS_OK ? trust(o, a) : s;
}

int nats_link_open(struct nats_link *l, const struct queue_address *a,
	const char *name, struct err *e)
{
	natsOptions *o = NULL;
	natsStatus s;

	l->nc = NULL;
	l->js = NULL;
	atomic_init(&l->made, 0);
	if (check_url(a->url, e))
		return ERR_INVALID;
	s = natsOptions_Create(&o);
	if (s == NATS_OK)
		s = set(o, l, a, name);
	if (s == NATS_OK)
		s = natsConnection_Connect(&l->nc, o);
	natsOptions_Destroy(o);
	if (s == NATS_OK)
		atomic_fetch_add(&l->made, 1);
	if (s == NATS_OK || s == NATS_NOT_YET_CONNECTED)
		s = natsConnection_JetStream(&l->js, l->nc, NULL);
	if (s == NATS_OK)
		return 0;
	nats_failed(e, "the queue cannot be opened", s, 0);
	nats_link_close(l);
	return ERR_WORLD;
}

void nats_link_close(struct nats_link *l)
{
	jsCtx_Destroy(l->js);
	natsConnection_Destroy(l->nc);
	l->js = NULL;
	l->nc = NULL;
}

int nats_link_up(const struct nats_link *l)
{
	return natsConnection_Status(l->nc) == NATS_CONN_STATUS_CONNECTED;
}

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

static void read_answers(natsSubscription *sub, const char *inbox,
	struct nats_publication *list, size_t n, size_t sent)
{
	const int64_t until_ms = clock_mono_ms() + ANSWER_MS;

	while (sent > 0) {
		const int64_t left_ms = until_ms - clock_mono_ms();
		natsMsg *m = NULL;
		size_t i;

		if (left_ms <= 0 ||
			natsSubscription_NextMsg(&m, sub, left_ms) != NATS_OK)
			return;
		i = strtoul(
			natsMsg_GetSubject(m) + strlen(inbox) + 1, NULL, 10);
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
	natsSubscription *sub = NULL;
	char all[INBOX_BYTES + 4];
	natsInbox *inbox = NULL;
	natsStatus s = natsInbox_Create(&inbox);

	for (size_t i = 0; i < n; i++) {
		list[i].seq = 0;
		err_set(&list[i].why, ERR_WORLD,
			"the queue did not answer within %d s",
			ANSWER_MS / 1000);
	}
	if (s == NATS_OK) {
		snprintf(all, sizeof all, "%s.*", inbox);
		s = natsConnection_SubscribeSync(&sub, l->nc, all);
	}
	if (s == NATS_OK)
		s = natsSubscription_SetPendingLimits(sub, -1, -1);
	if (s == NATS_OK)
		read_answers(sub, inbox, list, n, send_all(l, inbox, list, n));
	natsSubscription_Destroy(sub);
	natsInbox_Destroy(inbox);
}

/* -- receipts -- */

int nats_receipt_of(natsMsg *m, struct nats_receipt *out, struct err *e)
{
	const char *to = natsMsg_GetReply(m);
	jsMsgMetaData *about = NULL;

	if (!to || strlen(to) >= sizeof out->to ||
		natsMsg_GetMetaData(&about, m) != NATS_OK)
		return err_set(e, ERR_INVALID, "a message of no stream");
	strcpy(out->to, to);
	out->seq = about->Sequence.Stream;
	out->delivered = (int64_t)about->NumDelivered;
	jsMsgMetaData_Destroy(about);
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
