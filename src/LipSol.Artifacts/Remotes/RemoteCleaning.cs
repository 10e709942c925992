using System.Text.Json;
using LipSol.Artifacts.Dvc;

namespace LipSol.Artifacts.Remotes;

/// <summary>Word that a <c>gc</c> leaves on a remote while it removes (<c>lipsol/gc/</c>). It's left before the records of pushes are read, and a push leaves its record before it looks for this: one of both sees the other.</summary>
internal sealed class RemoteCleaning : IAsyncDisposable
{
    private const string Folder = "gc";
    // Of one that was killed it counts no longer.
    private static readonly TimeSpan Lasts = TimeSpan.FromMinutes(10), Refreshes = TimeSpan.FromMinutes(1);
    private readonly IObjectRemote _remote;
    private readonly TimeProvider _time;
    private readonly string _name = Guid.NewGuid().ToString("N");
    private DateTimeOffset _at;

    private RemoteCleaning(IObjectRemote remote, TimeProvider time) => (_remote, _time) = (remote, time);

    public static async Task<RemoteCleaning> BeginAsync(IObjectRemote remote, TimeProvider time, CancellationToken cancellationToken)
    {
        var cleaning = new RemoteCleaning(remote, time);
        foreach (var (name, content) in await remote.NotesAsync(Folder, cancellationToken))
            if (!IsFresh(content, time)) await remote.RemoveNoteAsync(Folder, name, cancellationToken);
        await cleaning.GoOnAsync(cancellationToken);
        return cleaning;
    }

    /// <summary>Says that it still goes on.</summary>
    public async Task GoOnAsync(CancellationToken cancellationToken)
    {
        if (_time.GetUtcNow() - _at < Refreshes) return;
        _at = _time.GetUtcNow();
        await _remote.PutNoteAsync(Folder, _name, JsonSerializer.SerializeToUtf8Bytes(_at), cancellationToken);
    }

    /// <exception cref="DvcException">Someone removes contents of the remote just now.</exception>
    public static async Task RequireNoneAsync(IObjectRemote remote, TimeProvider time, CancellationToken cancellationToken)
    {
        foreach (var content in (await remote.NotesAsync(Folder, cancellationToken)).Values)
            if (IsFresh(content, time))
                throw new DvcException($"{remote.Name} is being cleaned (`data gc`), and might lose what this push finds there. Push again when that has ended; if it was killed, {Lasts.TotalMinutes:0} minutes after.");
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _remote.RemoveNoteAsync(Folder, _name, CancellationToken.None);
        }
        catch (DvcException)
        {
            // It counts no longer before long; what ended the work is told.
        }
    }

    private static bool IsFresh(byte[] content, TimeProvider time)
    {
        try
        {
            return time.GetUtcNow() - JsonSerializer.Deserialize<DateTimeOffset>(content) < Lasts;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
