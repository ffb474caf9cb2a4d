/* nats_link.c -- the connection, and what it keeps alive. */
#include "dispatch/nats_link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

#define RECONNECT_MS 500
#define JITTER_MS 200
#define PING_MS 3000
#define PINGS_MOST 2
#define SERVERS_MOST 32

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
	int n_urls = 0;

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
		n_urls++;
	}
	if (n_urls > SERVERS_MOST)
		return err_set(e, ERR_INVALID,
			"a queue may have %d URLs, not %d", SERVERS_MOST,
			n_urls);
	return 0;
}

/* Any of them will do. */
static natsStatus name_servers(natsOptions *o, const char *urls)
{
	char *copy = xstrdup(urls), *rest = NULL;
	const char *list[SERVERS_MOST], *url = strtok_r(copy, ",", &rest);
	natsStatus s;
	int n = 0;

	for (; url && n < SERVERS_MOST; url = strtok_r(NULL, ",", &rest))
		list[n++] = url;
	s = natsOptions_SetServers(o, list, n);
	free(copy);
	return s;
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
	natsStatus s = name_servers(o, a->url);

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
	/* No thread for each inbox. */
	if (s == NATS_OK)
		s = natsOptions_UseGlobalMessageDelivery(o, true);
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
