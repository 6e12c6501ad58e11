package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"sync"

	"github.com/pion/webrtc/v3"
)

// arguments is the union of what the commands take.
type arguments struct {
	Connection     string                    `json:"connection"`
	Channel        string                    `json:"channel"`
	Description    webrtc.SessionDescription `json:"description"`
	Candidate      string                    `json:"candidate"`
	SdpMid         *string                   `json:"sdpMid"`
	Mode           string                    `json:"mode"`
	Options        channelOptions            `json:"options"`
	Text           string                    `json:"text"`
	Size           int                       `json:"size"`
	Seed           uint32                    `json:"seed"`
	DurationMs     float64                   `json:"durationMs"`
	Times          int                       `json:"times"`
	Channels       int                       `json:"channels"`
	CollectGarbage bool                      `json:"collectGarbage"`
}

type channelOptions struct {
	Ordered           *bool   `json:"ordered"`
	MaxRetransmits    *uint16 `json:"maxRetransmits"`
	MaxPacketLifeTime *uint16 `json:"maxPacketLifeTime"`
	Protocol          *string `json:"protocol"`
	Negotiated        *bool   `json:"negotiated"`
	ID                *uint16 `json:"id"`
}

type peer struct {
	api         *webrtc.API
	mutex       sync.Mutex
	connections map[string]*connection
}

func newPeer() *peer {
	settings := webrtc.SettingEngine{}
	settings.SetIncludeLoopbackCandidate(true)
	return &peer{
		api:         webrtc.NewAPI(webrtc.WithSettingEngine(settings)),
		connections: map[string]*connection{},
	}
}

func (p *peer) handle(command string, raw json.RawMessage) (any, error) {
	var args arguments
	if err := json.Unmarshal(raw, &args); err != nil {
		return nil, err
	}
	switch command {
	case "describe":
		return object{"name": "pion", "version": pionVersion, "runtime": runtime.Version()}, nil
	case "usage":
		return usage(args.CollectGarbage)
	case "warmUp":
		return nil, nil
	case "createConnection":
		c, err := newConnection(p.api, args.Connection)
		if err != nil {
			return nil, err
		}
		p.mutex.Lock()
		p.connections[args.Connection] = c
		p.mutex.Unlock()
		return nil, nil
	}
	p.mutex.Lock()
	c, ok := p.connections[args.Connection]
	if ok && command == "closeConnection" {
		delete(p.connections, args.Connection)
	}
	p.mutex.Unlock()
	if !ok {
		return nil, fmt.Errorf("no connection named %s", args.Connection)
	}
	return c.handle(command, args)
}
