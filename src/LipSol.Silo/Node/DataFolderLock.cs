using LipSol.Artifacts;
using LipSol.Client;

namespace LipSol.Silo.Node;

/// <summary>One node's hold on its data folder. The operating system lets go of it when the process ends, however it ends.</summary>
internal sealed class DataFolderLock : IDisposable
{
    private readonly FileStream file;

    private DataFolderLock(FileStream file) => this.file = file;

    /// <summary>Takes the data folder, creating it where it's absent.</summary>
    /// <exception cref="NodeStartException">Another node holds it, or it can't be written.</exception>
    public static DataFolderLock Take(string dataFolder)
    {
        try
        {
            Directory.CreateDirectory(dataFolder);
            // FileShare.None is flock(LOCK_EX | LOCK_NB) on Unix: it holds between processes and dies with ours.
            return new DataFolderLock(new FileStream(Path.Combine(dataFolder, "node.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (UnauthorizedAccessException e)
        {
            throw new NodeStartException($"The data folder {dataFolder} can't be written ({e.Message}). Name another with --data.", e);
        }
        catch (IOException e) when (DurableFile.IsHeld(e))
        {
            throw new NodeStartException($"Another node runs on the data folder {dataFolder}{Describe(dataFolder)}. Stop it, or name another folder with --data.", e);
        }
        catch (IOException e) when (DurableFile.IsDiskFull(e))
        {
            throw NodeStartException.DiskFull(dataFolder, e);
        }
        catch (IOException e)
        {
            throw new NodeStartException($"The data folder {dataFolder} can't be used ({e.Message}). Name another with --data.", e);
        }
    }

    public void Dispose() => file.Dispose();

    private static string Describe(string dataFolder)
    {
        try
        {
            return NodeFile.Read(dataFolder) is { } node ? $" (process {node.ProcessId}, {node.Url})" : "";
        }
        catch (LipSolException)
        {
            return "";
        }
    }
}
