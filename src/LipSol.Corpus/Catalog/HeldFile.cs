using System.Diagnostics;
using LipSol.Artifacts;

namespace LipSol.Corpus;

/// <summary>Keeps other processes, on this machine and on those that share the folder, from changing something meanwhile.</summary>
internal static class HeldFile
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1), Again = TimeSpan.FromMilliseconds(20);

    /// <summary>Takes the lock; disposed, it's free again. Whoever is killed lets go of it.</summary>
    /// <exception cref="IOException">Someone holds it for a minute.</exception>
    public static FileStream Take(string path)
    {
        for (var since = Stopwatch.StartNew(); ;)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (DurableFile.IsHeld(e))
            {
                if (since.Elapsed > Patience) throw new IOException($"Another program has held {path} for a minute. Wait until it's done, and do it again.", e);
                Thread.Sleep(Again);
            }
        }
    }
}
