// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// What was refused and why, and a role that is limited to some buckets.
@Suite struct RefusalTests {
    @Test func aRoleForTheNotebookReadsItsBucketsAndNoThirdOne() throws {
        let runner = try ProgramRunner()
        #expect(try runner.aws("iam explain").status != 0, "nothing was refused yet")
        let file = try runner.file("kept", "text")
        for bucket in ["mine-of-lab", "third-of-lab"] {
            _ = try runner.aws("s3 mb s3://\(bucket)")
            _ = try runner.aws("s3 cp \(file) s3://\(bucket)/kept")
        }
        let made = try runner.run(["role", "create-for-notebook", "--buckets", "mine-of-lab,1000genomes", "--name", "limited"])
        #expect(made.status == 0)
        #expect(made.output.contains("aws iam create-role --role-name limited --path /service-role/"))
        let arn = "arn:aws:iam::123456789012:role/service-role/limited"
        #expect(made.output.hasSuffix(arn + "\n"))
        #expect(
            try runner.aws("iam list-attached-role-policies --role-name limited --output text").output.contains(
                "AmazonSageMakerFullAccess"))

        for (bucket, decision) in [("mine-of-lab", "allowed"), ("1000genomes", "allowed"), ("third-of-lab", "implicitDeny")] {
            let answer = try runner.aws(
                "iam simulate-principal-policy --policy-source-arn \(arn) --action-names s3:GetObject "
                    + "--resource-arns arn:aws:s3:::\(bucket)/kept --query EvaluationResults[0].EvalDecision --output text")
            #expect(answer.output == decision + "\n", "\(bucket)")
        }
        let trust = try runner.file(
            "anybody.json",
            #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"}]}"#
        )
        _ = try runner.aws("iam update-assume-role-policy --role-name limited --policy-document file://\(trust)")
        let script = """
            set -- $(aws sts assume-role --role-arn \(arn) --role-session-name notebook \
                --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]' --output text)
            export AWS_ACCESS_KEY_ID=$1 AWS_SECRET_ACCESS_KEY=$2 AWS_SESSION_TOKEN=$3
            aws s3 cp s3://mine-of-lab/kept - && aws s3 ls s3://1000genomes && ! aws s3 cp s3://third-of-lab/kept -
            """
        let reading = try runner.run(["-c", script])
        #expect(reading.status == 0)
        #expect(reading.output.hasPrefix("text"))
        #expect(try runner.aws("iam explain").output.contains("resource  arn:aws:s3:::third-of-lab/kept"))

        let wrong = try runner.run(["role", "create-for-notebook", "--buckets", "No_Bucket"])
        #expect(wrong.status == 252)
        #expect(wrong.errors.contains("No_Bucket"))
    }

    @Test func aRefusedCallIsExplainedLater() throws {
        let runner = try ProgramRunner()
        let script = """
            aws s3 mb s3://closed-of-lab >/dev/null
            aws iam create-user --user-name ada >/dev/null
            aws iam put-user-policy --user-name ada --policy-name some --policy-document '{"Version":"2012-10-17","Statement":[
              {"Sid":"Others","Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::other"},
              {"Effect":"Allow","Action":"s3:ListBucket","Resource":"*","Condition":{"StringLike":{"s3:prefix":"ada/*"}}}]}'
            key=$(aws iam create-access-key --user-name ada --query 'AccessKey.[AccessKeyId,SecretAccessKey]' --output text)
            set -- $key
            AWS_ACCESS_KEY_ID=$1 AWS_SECRET_ACCESS_KEY=$2 aws s3api list-objects-v2 --bucket closed-of-lab --prefix eve/
            aws iam explain
            """
        let run = try runner.run(["-c", script])
        #expect(run.errors.contains("AccessDenied"))
        let text = run.output
        #expect(text.contains("who       arn:aws:iam::123456789012:user/ada"))
        #expect(text.contains("action    s3:ListBucket"))
        #expect(text.contains("statement Others (Allow): the resource is not among its own: arn:aws:s3:::other"))
        #expect(text.contains("StringLike s3:prefix ada/*, but it is eve/"))
        #expect(text.contains("denied because no identity-based policy allows s3:ListBucket"))
        #expect(text.contains("aws iam put-user-policy --user-name ada"))
        #expect(try runner.aws("iam explain").output == text, "another process shows the same")
    }
}
