using Microsoft.Data.Sqlite;

namespace LipSol.Storage.Sqlite;

/// <summary>A statement that is prepared once and carried out often, its parameters by position.</summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly SqliteCommand _command;

    public SqliteStatement(SqliteConnection connection, string text, params string[] parameters)
    {
        _command = connection.CreateCommand();
        _command.CommandText = text;
        foreach (string parameter in parameters) _command.Parameters.Add(new SqliteParameter { ParameterName = parameter });
    }

    public int Execute(params ReadOnlySpan<object> values)
    {
        Bind(values);
        return _command.ExecuteNonQuery();
    }

    public SqliteDataReader Read(params ReadOnlySpan<object> values)
    {
        Bind(values);
        return _command.ExecuteReader();
    }

    public long? ReadLong(params ReadOnlySpan<object> values)
    {
        Bind(values);
        return _command.ExecuteScalar() is long value ? value : null;
    }

    public void Dispose() => _command.Dispose();

    private void Bind(ReadOnlySpan<object> values)
    {
        for (int i = 0; i < values.Length; i++) _command.Parameters[i].Value = values[i];
    }
}
