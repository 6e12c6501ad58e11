package main

import (
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/webrtc/v3"
)

type connection struct {
	name      string
	rtc       *webrtc.PeerConnection
	mode      atomic.Value // string
	offeredAt atomic.Value // float64, milliseconds
	messages  atomic.Int64
	bytes     atomic.Int64

	mutex    sync.Mutex
	channels map[string]*channel
}

func newConnection(api *webrtc.API, name string) (*connection, error) {
	rtc, err := api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return nil, err
	}
	c := &connection{name: name, rtc: rtc, channels: map[string]*channel{}}
	c.mode.Store("report")
	rtc.OnICECandidate(func(candidate *webrtc.ICECandidate) {
		line := object{"event": "candidate", "connection": name, "candidate": "", "sdpMid": "0"}
		if candidate != nil {
			line["candidate"] = candidate.ToJSON().Candidate
		}
		writeLine(line)
	})
	rtc.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		writeLine(object{"event": "state", "connection": name, "state": state.String()})
	})
	rtc.OnDataChannel(func(rtc *webrtc.DataChannel) {
		writeLine(object{
			"event": "channel", "connection": name, "channel": rtc.Label(),
			"properties": object{
				"ordered":           rtc.Ordered(),
				"maxRetransmits":    rtc.MaxRetransmits(),
				"maxPacketLifeTime": rtc.MaxPacketLifeTime(),
				"protocol":          rtc.Protocol(),
				"id":                rtc.ID(),
			},
		})
		c.adopt(rtc, nil)
	})
	return c, nil
}

func (c *connection) handle(command string, args arguments) (any, error) {
	switch command {
	case "offer":
		c.offeredAt.Store(nowMs())
		return c.describe(c.rtc.CreateOffer(nil))
	case "answer":
		return c.describe(c.rtc.CreateAnswer(nil))
	case "setRemoteDescription":
		return nil, c.rtc.SetRemoteDescription(args.Description)
	case "addCandidate":
		if args.Candidate == "" {
			// This version has no end of candidates.
			return nil, nil
		}
		return nil, c.rtc.AddICECandidate(webrtc.ICECandidateInit{
			Candidate: args.Candidate, SDPMid: args.SdpMid,
		})
	case "localDescription":
		return c.rtc.LocalDescription(), nil
	case "receive":
		c.mode.Store(args.Mode)
		return nil, nil
	case "closeConnection":
		return nil, c.rtc.Close()
	case "stats":
		return c.stats()
	case "count":
		return object{
			"messages": c.messages.Load(), "bytes": c.bytes.Load(), "atMs": nowMs(),
		}, nil
	case "openMany":
		return c.openMany(args.Channels, args.Size)
	case "createChannel":
		return nil, c.createChannel(args.Channel, args.Options)
	}
	target := c.channel(args.Channel)
	if target == nil {
		return nil, fmt.Errorf("no channel labelled %s", args.Channel)
	}
	return target.handle(command, args)
}

// describe sets a created description as the local one.
func (c *connection) describe(description webrtc.SessionDescription, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return description, c.rtc.SetLocalDescription(description)
}

func (c *connection) createChannel(label string, options channelOptions) error {
	rtc, err := c.rtc.CreateDataChannel(label, &webrtc.DataChannelInit{
		Ordered:           options.Ordered,
		MaxRetransmits:    options.MaxRetransmits,
		MaxPacketLifeTime: options.MaxPacketLifeTime,
		Protocol:          options.Protocol,
		Negotiated:        options.Negotiated,
		ID:                options.ID,
	})
	if err != nil {
		return err
	}
	c.adopt(rtc, nil)
	return nil
}

// openMany opens channels, then sends one message on each and waits for every echo.
func (c *connection) openMany(count int, size int) (any, error) {
	message := payload(size, 1)
	start := time.Now()
	since := func() float64 { return float64(time.Since(start)) / float64(time.Millisecond) }
	opened := make(chan struct{}, count)
	echo := make(chan struct{}, count)
	channels := make([]*channel, 0, count)
	for index := 0; index < count; index++ {
		rtc, err := c.rtc.CreateDataChannel(fmt.Sprintf("many-%d", index), nil)
		if err != nil {
			return nil, err
		}
		target := c.adopt(rtc, func() { opened <- struct{}{} })
		target.echo.Store(&echo)
		channels = append(channels, target)
	}
	for range channels {
		<-opened
	}
	openMs := since()
	for _, target := range channels {
		if err := target.rtc.Send(message); err != nil {
			return nil, err
		}
	}
	for range channels {
		<-echo
	}
	for _, target := range channels {
		target.echo.Store(nil)
	}
	return object{"openMs": openMs, "echoedMs": since()}, nil
}

func (c *connection) channel(label string) *channel {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.channels[label]
}

// stats gives the report as an array, like the W3C peers do.
func (c *connection) stats() (any, error) {
	entries := []json.RawMessage{}
	for _, entry := range c.rtc.GetStats() {
		text, err := json.Marshal(entry)
		if err != nil {
			return nil, err
		}
		entries = append(entries, text)
	}
	return entries, nil
}
