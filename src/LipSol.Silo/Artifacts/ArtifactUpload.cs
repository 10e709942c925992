using System.Security.Cryptography;
using LipSol.Artifacts;
using LipSol.Client;
using LipSol.Silo.Http;
using LipSol.Silo.Node;

namespace LipSol.Silo.Artifacts;

/// <summary>Takes a file into the artifact store as it arrives. Nothing looks into it: what it is good for is found out by the worker that reads it.</summary>
internal static class ArtifactUpload
{
    public static async Task<StoredArtifact> ReceiveAsync(Stream body, string? md5, FolderArtifactStore store, NodeOptions options, CancellationToken cancellationToken)
    {
        if (md5 is not null && (!ArtifactHash.IsValid(md5) || ArtifactHash.IsFolder(md5))) throw ApiException.BadRequest($"md5 is \"{md5}\", which is not an MD5: 32 lower-case hexadecimal digits.");
        Directory.CreateDirectory(options.UploadFolder);
        var path = Path.Combine(options.UploadFolder, Guid.NewGuid().ToString("N") + ".part");
        try
        {
            var (hash, bytes) = await WriteAsync(body, path, options.ArtifactBytes, cancellationToken);
            if (bytes == 0) throw ApiException.Unprocessable("empty", "The file is empty: 0 bytes arrived. Choose the file again.");
            if (md5 is not null && md5 != hash)
                throw ApiException.Unprocessable("damaged", $"The file arrived with the MD5 {hash}, but {md5} was sent: it was changed or cut short on its way. Nothing was stored; send it again.");
            return new StoredArtifact(await store.PutFileAsync(path, cancellationToken), bytes);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static async Task<(string Hash, long Bytes)> WriteAsync(Stream body, string path, long most, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 17, FileOptions.Asynchronous);
        var chunk = new byte[1 << 17];
        for (int read; (read = await body.ReadAsync(chunk, cancellationToken)) > 0;)
        {
            if (file.Length + read > most) throw new ApiException(StatusCodes.Status413PayloadTooLarge, "too-large", $"The file is larger than the {most >> 20} MB that this node takes in.");
            hash.AppendData(chunk, 0, read);
            await file.WriteAsync(chunk.AsMemory(0, read), cancellationToken);
        }
        await file.FlushAsync(cancellationToken);
        return (Convert.ToHexStringLower(hash.GetHashAndReset()), file.Length);
    }
}
