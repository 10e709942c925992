using System.Text;
using System.Text.Json;

namespace LipSol.Artifacts.Tests;

/// <summary>Hashes that DVC 3 itself gave.</summary>
public sealed class DvcVectorTests
{
    [Fact]
    public void Every_folder_gets_the_hashes_and_the_bytes_that_DVC_gives_it()
    {
        var vectors = Vectors();
        Assert.Equal(5, vectors.Length);
        Assert.All(vectors, vector =>
        {
            using var folder = new TemporaryFolder();
            using var root = new TemporaryFolder();
            foreach (var file in vector.GetProperty("files").EnumerateObject()) folder.Write(file.Name, file.Value.GetBytesFromBase64());
            Directory.CreateDirectory(Path.Combine(folder.Path, "empty folder", "in it"));
            var wanted = vector.GetProperty("md5");
            var store = new FolderArtifactStore(root.Path);

            var hash = store.PutFolder(folder.Path);

            Assert.Equal(wanted.GetProperty("dir_hash").GetString(), hash);
            Assert.Equal(wanted.GetProperty("dir_bytes").GetString(), Encoding.ASCII.GetString(store.ReadBytes(hash)));
            var listing = store.ReadFolder(hash);
            Assert.Equal(wanted.GetProperty("nfiles").GetInt32(), listing.Entries.Count);
            Assert.Equal(wanted.GetProperty("size").GetInt64(), listing.Entries.Sum(e => new FileInfo(store.PathOf(e.Md5)).Length));
            foreach (var file in wanted.GetProperty("files").EnumerateObject())
                Assert.Equal(file.Value.GetString(), listing.Entries.Single(e => e.RelativePath == file.Name).Md5);
            Assert.Equal(hash, FolderListing.Of(folder.Path).Hash);
            Assert.True(File.Exists(Path.Combine(root.Path, "files", "md5", hash[..2], hash[2..])));
        });
    }

    [Fact]
    public void A_folder_comes_out_as_it_went_in()
    {
        Assert.All(Vectors(), vector =>
        {
            using var folder = new TemporaryFolder();
            using var root = new TemporaryFolder();
            using var target = new TemporaryFolder();
            foreach (var file in vector.GetProperty("files").EnumerateObject()) folder.Write(file.Name, file.Value.GetBytesFromBase64());
            var store = new FolderArtifactStore(root.Path);
            var hash = store.PutFolder(folder.Path);

            store.Materialise(hash, target.Path);

            Assert.Equal(hash, FolderListing.Of(target.Path).Hash);
        });
    }

    internal static JsonElement[] Vectors() => [.. JsonDocument.Parse(File.ReadAllBytes(RepositoryRoot.Shared("dvc", "vectors.json"))).RootElement.EnumerateArray()];
}
