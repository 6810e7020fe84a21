// SPDX-License-Identifier: ISC
// For nginx: what comes from the client goes back to it, and nothing to the server
// behind; that one, this file's other half, waits until it is over.
function echo(session) {
	session.on('upload', function (data, flags) {
		session.sendDownstream(data);
	});
}

function wait(session) {
	session.on('upload', function (data, flags) {});
}

export default { echo, wait };
