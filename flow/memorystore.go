package flow

import (
	"bytes"
	"container/heap"
	"context"
	"sync"
	"time"
)

// Bounds of a MemoryStore. They are good for some 50 logins a second.
const (
	memoryLimit    = 64 << 20 // bytes
	memoryOverhead = 160      // bytes of an entry beside its key and value; 90 to 140 were measured
)

// MemoryStore is a [Store] for one process. Make it with [NewMemoryStore]. It is safe for
// concurrent use.
//
// It holds at most 64 MiB. If it is full, what would expire first is lost. It starts no
// goroutine: entries that have expired are removed by the calls that follow.
type MemoryStore struct {
	mu      sync.Mutex
	entries map[string]*memoryEntry
	expiry  memoryHeap
	size    int
}

// NewMemoryStore returns an empty MemoryStore.
func NewMemoryStore() *MemoryStore { return &MemoryStore{entries: map[string]*memoryEntry{}} }

// Add sets the value of the key unless the key has one, and reports whether it did. The
// error is that of the context.
func (m *MemoryStore) Add(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, held := m.current()[key]; held {
		return false, nil
	}
	m.put(key, value, ttl)
	return true, nil
}

// Get returns the value of the key, and whether it has one. The error is that of the
// context.
func (m *MemoryStore) Get(ctx context.Context, key string) ([]byte, bool, error) {
	if err := ctx.Err(); err != nil {
		return nil, false, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	entry, held := m.current()[key]
	if !held {
		return nil, false, nil
	}
	return bytes.Clone(entry.value), true, nil
}

// Set sets the value of the key, whether it has one or not. The error is that of the
// context.
func (m *MemoryStore) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if entry, held := m.current()[key]; held {
		m.remove(entry)
	}
	m.put(key, value, ttl)
	return nil
}

// current removes what has expired and returns the others.
func (m *MemoryStore) current() map[string]*memoryEntry {
	if m.entries == nil {
		m.entries = map[string]*memoryEntry{}
	}
	for now := time.Now(); len(m.expiry) > 0 && !now.Before(m.expiry[0].expires); {
		m.remove(m.expiry[0])
	}
	return m.entries
}

// put adds an entry, and makes room for it.
func (m *MemoryStore) put(key string, value []byte, ttl time.Duration) {
	entry := &memoryEntry{key: key, value: bytes.Clone(value), expires: time.Now().Add(ttl)}
	for len(m.expiry) > 0 && m.size+entry.size() > memoryLimit {
		m.remove(m.expiry[0])
	}
	m.entries[key] = entry
	heap.Push(&m.expiry, entry)
	m.size += entry.size()
}

func (m *MemoryStore) remove(entry *memoryEntry) {
	heap.Remove(&m.expiry, entry.at)
	delete(m.entries, entry.key)
	m.size -= entry.size()
}

type memoryEntry struct {
	key     string
	value   []byte
	expires time.Time
	at      int // in the heap
}

func (e *memoryEntry) size() int { return memoryOverhead + len(e.key) + len(e.value) }

// memoryHeap has the entry that expires first in front.
type memoryHeap []*memoryEntry

func (h memoryHeap) Len() int           { return len(h) }
func (h memoryHeap) Less(i, j int) bool { return h[i].expires.Before(h[j].expires) }
func (h memoryHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].at, h[j].at = i, j
}

// Push adds an entry, for container/heap.
func (h *memoryHeap) Push(x any) {
	entry, _ := x.(*memoryEntry)
	entry.at = len(*h)
	*h = append(*h, entry)
}

// Pop removes the last entry, for container/heap.
func (h *memoryHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return last
}
