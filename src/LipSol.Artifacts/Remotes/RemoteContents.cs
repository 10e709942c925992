using System.Collections.Concurrent;
using LipSol.Artifacts.Dvc;

namespace LipSol.Artifacts.Remotes;

/// <summary>What a remote has of some contents.</summary>
internal static class RemoteContents
{
    private const int MostLooks = 4;

    /// <summary>Which of these contents it hasn't.</summary>
    /// <exception cref="DvcException">It can't be asked.</exception>
    public static async Task<IReadOnlyList<DvcObject>> MissingAsync(this IObjectRemote remote, IReadOnlyCollection<DvcObject> contents, CancellationToken cancellationToken)
    {
        var there = await remote.SizesAsync(contents, cancellationToken);
        return [.. contents.Where(c => !there.ContainsKey(c))];
    }

    /// <summary>Which of these have to be sent: what it hasn't, and what has another size there than here, so that it can't be whole.</summary>
    /// <param name="remote">The remote.</param>
    /// <param name="contents">The contents.</param>
    /// <param name="sizeOf">Their bytes here.</param>
    /// <param name="verify">Read what is there as well, and send again what is damaged.</param>
    /// <param name="jobs">Reads at once.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="DvcException">It can't be asked, or read.</exception>
    public static async Task<IReadOnlyList<DvcObject>> LackingAsync(this IObjectRemote remote, IReadOnlyCollection<DvcObject> contents, Func<DvcObject, long> sizeOf, bool verify, int jobs, CancellationToken cancellationToken)
    {
        var there = await remote.SizesAsync(contents, cancellationToken);
        // Of DVC 2, texts that differ in their line ends are one content.
        var lacking = new ConcurrentBag<DvcObject>(contents.Where(c => !there.TryGetValue(c, out var size) || !c.Legacy && size != sizeOf(c)));
        if (verify)
        {
            await VersionContents.EachAsync(contents.Except(lacking).ToArray(), jobs, async (content, cancelled) =>
            {
                await using var hashing = new HashingStream(Stream.Null, content.Legacy);
                await remote.GetAsync(content, hashing, new Ignored(), cancelled);
                if (!content.Hash.StartsWith(hashing.Finish(), StringComparison.Ordinal)) lacking.Add(content);
            }, cancellationToken);
        }
        return [.. lacking];
    }

    /// <summary>Sends what the remote lacks of these. Files go before listings, so a folder that is there is complete. Interrupted, it goes on where it stopped; two at once do no harm; a damaged content isn't sent.</summary>
    /// <remarks>
    /// Others work on the remote meanwhile. Word of what is needed there is left before anything is looked for, so that no <c>gc</c> takes it away; before a listing goes its files are looked for once more;
    /// and what a person withdrew since it began is taken away again.
    /// </remarks>
    /// <param name="remote">The remote.</param>
    /// <param name="contents">Files and listings, all of them here.</param>
    /// <param name="pathOf">Where they are.</param>
    /// <param name="records">What they are of.</param>
    /// <param name="verify">Read what is there as well, and send again what is damaged.</param>
    /// <param name="jobs">Transfers at once.</param>
    /// <param name="progress">How far it is.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The bytes of each that was sent.</returns>
    /// <exception cref="WithdrawnException">Some of it was withdrawn while it was sent.</exception>
    /// <exception cref="DvcException">It can't be reached, someone cleans it just now, or a content is damaged.</exception>
    public static async Task<IReadOnlyDictionary<DvcObject, long>> SendAsync(this IObjectRemote remote, IReadOnlyCollection<DvcObject> contents, Func<DvcObject, string> pathOf, IReadOnlyCollection<PushRecord> records, bool verify, int? jobs, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        var atOnce = jobs ?? DvcPush.DefaultJobs;
        var sizes = contents.ToDictionary(c => c, c => new FileInfo(pathOf(c)).Length);
        var sent = new ConcurrentDictionary<DvcObject, long>();
        HashSet<DvcObject> due = [];
        PushRecord[] begun = [];
        try
        {
            foreach (var record in records) await record.WriteAsync(remote, cancellationToken);
            await RemoteCleaning.RequireNoneAsync(remote, TimeProvider.System, cancellationToken);
            due = [.. await remote.LackingAsync(contents, c => sizes[c], verify, atOnce, cancellationToken)];
            begun = [.. records.Where(r => r.Expires && r.Roots.Where(ArtifactHash.IsFolder).ToArray() is [_, ..] folders && folders.All(f => due.Any(d => d.Hash == f)))];
            var count = new TransferCount(progress, due.Count, due.Sum(c => sizes[c]));
            for (var looks = 1; due.Any(c => !c.IsFolder); looks++)
            {
                if (looks > MostLooks) throw new DvcException($"{remote.Name} loses contents while they are sent: something removes them there. Let it end, and push again.");
                await PutAsync(due.Where(c => !c.IsFolder), count);
                // That may have taken long.
                foreach (var record in records) await (record with { At = TimeProvider.System.GetUtcNow() }).WriteAsync(remote, cancellationToken);
                await RemoteCleaning.RequireNoneAsync(remote, TimeProvider.System, cancellationToken);
                await remote.RequireNotWithdrawnAsync(contents, cancellationToken);
                var listings = due.Where(c => c.IsFolder).ToHashSet();
                due = [.. listings, .. await remote.LackingAsync([.. contents.Where(c => !listings.Contains(c))], c => sizes[c], verify: false, atOnce, cancellationToken)];
            }
            await PutAsync(due, count);
            if (!sent.IsEmpty) await remote.RequireNotWithdrawnAsync(contents, cancellationToken);
            return sent;
        }
        catch
        {
            await GiveUpAsync();
            throw;
        }

        async Task PutAsync(IEnumerable<DvcObject> stage, TransferCount count)
        {
            try
            {
                await VersionContents.EachAsync(stage, atOnce, async (content, cancelled) =>
                {
                    await remote.PutAsync(content, pathOf(content), count, cancelled);
                    sent[content] = sizes[content];
                    count.Finished(sizes[content]);
                }, cancellationToken);
            }
            finally
            {
                // What was sent whole needn't be sent again, whatever stopped the rest.
                await remote.FlushAsync(CancellationToken.None);
            }
        }

        // Nothing waits for a version that never got there, and of someone who left nothing stays.
        async Task GiveUpAsync()
        {
            try
            {
                foreach (var record in begun) await remote.RemoveNoteAsync(PushRecord.Folder, record.Id, CancellationToken.None);
                if (!sent.IsEmpty) await remote.RequireNotWithdrawnAsync(contents, CancellationToken.None);
            }
            catch (DvcException)
            {
                // What stopped the push is told.
            }
        }
    }

    private static async Task RequireNotWithdrawnAsync(this IObjectRemote remote, IReadOnlyCollection<DvcObject> contents, CancellationToken cancellationToken)
    {
        var withdrawn = await WithdrawnContents.ReadAsync(remote, cancellationToken);
        var gone = contents.Where(c => withdrawn.Contains(c.Hash)).ToArray();
        if (gone.Length == 0) return;
        await remote.PurgeAsync(gone, CancellationToken.None);
        throw new WithdrawnException($"A person withdrew while this was sent, {(gone.Length == 1 ? "a content" : $"{gone.Length} contents")} of it with them: {remote.Name} keeps none of that. Push a version without them.");
    }

    private sealed class Ignored : IProgress<long>
    {
        public void Report(long value)
        {
        }
    }
}
