package main

import (
	"fmt"
	"hash/crc32"
	"sync"
	"sync/atomic"

	"github.com/pion/webrtc/v3"
)

type channel struct {
	rtc *webrtc.DataChannel
	// echo, when set, takes the next messages away from the receive mode: `ping` waits on it.
	echo atomic.Pointer[chan struct{}]
}

// adopt reports what happens on a channel; onOpen, if given, is called once when it is open.
func (c *connection) adopt(rtc *webrtc.DataChannel, onOpen func()) *channel {
	target := &channel{rtc: rtc}
	c.mutex.Lock()
	c.channels[rtc.Label()] = target
	c.mutex.Unlock()
	report := func(event string, more object) {
		line := object{"event": event, "connection": c.name, "channel": rtc.Label()}
		for key, value := range more {
			line[key] = value
		}
		writeLine(line)
	}
	var once sync.Once
	rtc.OnOpen(func() {
		once.Do(func() {
			var sinceOfferMs any
			if offeredAt, ok := c.offeredAt.Load().(float64); ok {
				sinceOfferMs = nowMs() - offeredAt
			}
			report("open", object{"sinceOfferMs": sinceOfferMs})
			if onOpen != nil {
				onOpen()
			}
		})
	})
	rtc.OnClose(func() { report("closed", nil) })
	rtc.OnError(func(err error) { report("error", object{"message": err.Error()}) })
	rtc.OnMessage(func(message webrtc.DataChannelMessage) {
		if echo := target.echo.Load(); echo != nil {
			*echo <- struct{}{}
			return
		}
		mode := c.mode.Load().(string)
		if mode == "count" {
			c.messages.Add(1)
			c.bytes.Add(int64(len(message.Data)))
			return
		}
		if mode != "reflect" {
			kind := "binary"
			if message.IsString {
				kind = "text"
			}
			report("message", object{
				"kind": kind, "bytes": len(message.Data), "crc": crc32.ChecksumIEEE(message.Data),
			})
		}
		if mode != "report" {
			if err := target.send(message.Data, message.IsString); err != nil {
				report("error", object{"message": err.Error()})
			}
		}
	})
	return target
}

func (t *channel) send(data []byte, isText bool) error {
	if isText {
		return t.rtc.SendText(string(data))
	}
	return t.rtc.Send(data)
}

func (t *channel) handle(command string, args arguments) (any, error) {
	switch command {
	case "sendText":
		return nil, t.rtc.SendText(args.Text)
	case "sendBinary":
		return nil, t.rtc.Send(payload(args.Size, args.Seed))
	case "closeChannel":
		return nil, t.rtc.Close()
	case "blast":
		return t.blast(args.Size, args.DurationMs)
	case "ping":
		return t.ping(args.Size, args.Times)
	}
	return nil, fmt.Errorf("unknown command %s", command)
}

// payload is the sequence of interop/src/control/payload.ts.
func payload(size int, seed uint32) []byte {
	bytes := make([]byte, size)
	state := seed
	for index := range bytes {
		state = state*1664525 + 1013904223
		bytes[index] = byte(state >> 24)
	}
	return bytes
}
