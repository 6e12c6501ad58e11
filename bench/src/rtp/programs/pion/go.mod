module kaon-pion-rtp

go 1.19

require (
	github.com/pion/rtp v1.7.13
	github.com/pion/srtp/v2 v2.0.12
)
