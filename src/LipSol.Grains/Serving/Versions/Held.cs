namespace LipSol.Grains.Serving.Versions;

/// <summary>Why one model folder is in a node's memory, and since when it isn't needed.</summary>
internal sealed class Held(DateTimeOffset now)
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(5);
    private const int MostDoublings = 6;

    private readonly Lock _lock = new();
    private int _underWay, _failures;
    private DateTimeOffset _lastUsed = now, _keptUntil, _pinnedUntil, _nextTry;
    private bool _loading, _forgotten;

    /// <summary>A promotion wants it until then; the beginning of time: none does.</summary>
    public void Keep(DateTimeOffset until)
    {
        lock (_lock) _keptUntil = until;
    }

    /// <summary>It was needed just now.</summary>
    public void Touch(DateTimeOffset time)
    {
        lock (_lock) _lastUsed = time;
    }

    /// <summary>When it was last needed.</summary>
    public DateTimeOffset LastUsed
    {
        get
        {
            lock (_lock) return _lastUsed;
        }
    }

    /// <summary>A use begins. False where this was given up in the moment before.</summary>
    public bool TryBegin(DateTimeOffset time)
    {
        lock (_lock)
        {
            if (_forgotten) return false;
            _underWay++;
            _lastUsed = time;
            return true;
        }
    }

    /// <summary>A caller named it and may come again until then.</summary>
    public void Pin(DateTimeOffset until)
    {
        lock (_lock) _pinnedUntil = until;
    }

    /// <summary>Whether a caller who named it may come again.</summary>
    public bool IsPinned(DateTimeOffset time)
    {
        lock (_lock) return time < _pinnedUntil;
    }

    /// <summary>Such a caller is no longer waited for; false where it's being used.</summary>
    public bool TryUnpin()
    {
        lock (_lock)
        {
            if (_underWay > 0) return false;
            _pinnedUntil = default;
            return true;
        }
    }

    /// <summary>A use is over.</summary>
    public void End(DateTimeOffset time)
    {
        lock (_lock)
        {
            _underWay--;
            _lastUsed = time;
        }
    }

    /// <summary>Whether it may be loaded in the background now: not while it is being loaded, nor soon after a failure. The caller loads it then, and says how that went.</summary>
    public bool MayLoad(DateTimeOffset time)
    {
        lock (_lock)
        {
            if (_loading || time < _nextTry) return false;
            _loading = true;
            return true;
        }
    }

    /// <summary>It's loaded.</summary>
    public void Loaded(DateTimeOffset time)
    {
        lock (_lock) (_loading, _failures, _lastUsed) = (false, 0, time);
    }

    /// <summary>It couldn't be loaded; how long until it may be tried again.</summary>
    public TimeSpan Failed(DateTimeOffset time)
    {
        lock (_lock)
        {
            TimeSpan wait = FirstWait * Math.Pow(2, Math.Min(_failures, MostDoublings));
            (_loading, _failures, _lastUsed, _nextTry) = (false, _failures + 1, time, time + wait);
            return wait;
        }
    }

    /// <summary>Gives it up where nothing has needed it for <paramref name="delay"/>: no use begins here any more.</summary>
    public bool TryEnd(DateTimeOffset time, TimeSpan delay)
    {
        lock (_lock) return _forgotten |= _underWay == 0 && !_loading && time >= _keptUntil && time >= _pinnedUntil && time >= _lastUsed + delay;
    }
}
