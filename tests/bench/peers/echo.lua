-- SPDX-License-Identifier: ISC
-- For HAProxy: a byte at a time, because receive() waits for as many as it is asked for.
core.register_service("echo", "tcp", function(applet)
	while true do
		local byte = applet:receive(1)
		if byte == nil or #byte == 0 then
			return
		end
		applet:send(byte)
	end
end)
