using LipSol.Silo.Node;

namespace LipSol.Silo.Runs;

/// <summary>What the workers of runs printed: one file a run in <c>logs</c> of the folder that all nodes see.</summary>
internal sealed class RunLogs(NodeOptions options)
{
    /// <summary>The log's file; it needn't exist.</summary>
    public string PathOf(string runId) => Path.Combine(options.LogFolder, Path.GetFileName(runId) + ".log");

    /// <summary>The log so far; null where nothing was printed.</summary>
    public Stream? Open(string runId)
    {
        try
        {
            return new FileStream(PathOf(runId), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Removes the log, where there is one.</summary>
    public void Remove(string runId)
    {
        try
        {
            File.Delete(PathOf(runId));
        }
        catch (DirectoryNotFoundException)
        {
            // No run has printed anything here yet.
        }
    }
}
